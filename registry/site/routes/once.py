"""A secret just made: carried by the browser to a page that shows it once.

A reload of that page shows nothing any more, and makes no other secret. On the way only we can read
what is carried, and it counts for nothing in another session.
"""

from typing import Any, Literal

import msgspec
from litestar import get

from registry.identity.browsers import cookie, once_name
from registry.site.rendering import OWN, Place
from registry.site.routes.answers import Page, both, page, place_of
from registry.site.routes.filling import leave_with, person_of
from registry.site.staff_forms import SUBSCRIPTIONS, TOKENS
from registry.web.requests import AnyRequest
from registry.web.sealing import locked, unlocked

_PAGE = f"{OWN}/geheimnis"
Kind = Literal["token", "webhook"]


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A secret, what it is for, and the page where its reader goes on; `body`: another's name."""

    kind: Kind
    secret: str
    back: str
    body: str = ""


def to_secret(request: AnyRequest, kind: Kind, secret: str, back: str, body: str = "") -> Page:
    """To the page that shows a secret; of a token, for which other body it is."""
    carried = msgspec.json.encode(Carried(kind=kind, secret=secret, back=back, body=body))
    text = locked(request.app.state.secret, _use(request), carried)
    return leave_with(request, _PAGE, once_name(request.app.state.settings), text)


@get(both(_PAGE))
async def get_secret_once(request: AnyRequest) -> Page:
    """The secret that the browser carries, which is then taken away from it."""
    settings, use = request.app.state.settings, _use(request)
    text = request.cookies.get(once_name(settings), "")
    found = unlocked(request.app.state.secret, use, text)
    shown = msgspec.json.decode(found, type=Carried) if found is not None else None
    answer = page(request, "once.html", shown=shown, **_words(place_of(request), shown))
    answer.cookies = [*answer.cookies, cookie(settings, once_name(settings), "", 0)]
    return answer


def _use(request: AnyRequest) -> bytes:
    """What it is locked for: the session of who signed in."""
    return f"once {person_of(request).session}".encode()


def _words(place: Place, shown: Carried | None) -> dict[str, Any]:
    """The heading, what the secret is good for, the way to the page."""
    t = place.t
    tokens, subscriptions = ("Token", TOKENS), (t("Abonnements", "Subscriptions"), SUBSCRIPTIONS)
    if shown is None:
        heading = t("Schon gezeigt", "Shown already")
        lead = t(
            "Ein Geheimnis wird nur einmal gezeigt. Ist es verloren, nehmen Sie das Token zurück "
            "und stellen ein neues aus; für ein Abonnement stellen Sie dort ein neues Geheimnis "
            "aus.",
            "A secret is shown only once. If it is lost, take the token back and issue another; "
            "for a subscription issue another secret there.",
        )
        return {"heading": heading, "lead": lead, "way": place.own_way()}
    if shown.kind == "token":
        heading = t("Ihr neues Token", "Your new token")
        lead = t(
            f"Wer es hat, handelt für {shown.body or 'Ihre Stelle'}. Legen Sie es dort ab, wo das "
            "Programm es liest, und sonst nirgends.",
            f"Whoever has it acts for {shown.body or 'your body'}. Put it where the program reads "
            "it, and nowhere else.",
        )
        return {"heading": heading, "lead": lead, "way": place.own_way(tokens)}
    heading = t("Geheimnis des Abonnements", "Secret of the subscription")
    lead = t(
        "Damit prüft Ihr Programm, dass eine Meldung von hier kommt (Standard Webhooks 1.0). "
        "Vorher fragen wir die Adresse, ob sie Meldungen annimmt.",
        "With it your program checks that a message comes from here (Standard Webhooks 1.0). "
        "First we ask the address whether it takes messages.",
    )
    return {"heading": heading, "lead": lead, "way": place.own_way(subscriptions)}


HANDLERS = (get_secret_once,)
