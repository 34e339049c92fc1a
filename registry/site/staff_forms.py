"""Forms of a body's own affairs: what it hears of, its tokens, who acts for it; pure."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta

from registry.authority import ADMIN, AUDIT
from registry.characters import SLUG
from registry.errors import Fact, Fault
from registry.identity.model import (
    DEFAULT_DAYS,
    READ_DAYS,
    WRITE_DAYS,
    DelegationDraft,
    Token,
    TokenDraft,
)
from registry.site.forms import Field, Form, Given, InvalidForm, Question, draft_of
from registry.site.rendering import OWN, Place
from registry.subscriptions.model import ACTIONS, ALL, Subscription
from registry.subscriptions.sentences import says
from registry.web.tables import day_of

SUBSCRIPTIONS = f"{OWN}/abonnements"
TOKENS = f"{OWN}/token"
DELEGATIONS = f"{OWN}/vertretungen"
_PLACES = {"not-yours": "organisation"}
SUBSCRIPTION_FIELDS = ("service", "range", "theme", "builder", "area", "url", "mail", "note")


Bodies = Sequence[tuple[str, str]]


class NamedDelegation(DelegationDraft, frozen=True, kw_only=True):
    """A delegation with whom it is given to."""

    delegate: Annotated[str, Meta(pattern=SLUG)]


def _for_whom(place: Place, bodies: Bodies) -> list[Field]:
    """The body it is for, where it may be another than one's own."""
    label = place.t("Für welche Stelle", "For which body")
    field = Field(name="organisation", label=label, kind="choice", choices=bodies)
    return [field] if len(bodies) > 1 else []


def subscription_form(
    place: Place,
    themes: Sequence[tuple[str, str]],
    bodies: Bodies = (),
    *,
    mails: bool,
    changing: str | None,
) -> Form:
    """What a body wants to hear of; `changing` is the page of the subscription it replaces."""
    t = place.t
    fields = [*_for_whom(place, bodies), *_which(place, themes), *_where(place, mails=mails)]
    return Form(
        heading=t("Abonnement ändern", "Change a subscription")
        if changing
        else t("Abonnieren", "Subscribe"),
        lead=t(
            "Gemeldet wird, was alle Angaben erfüllt. Bleibt alles leer, sind es die Dienste, die "
            "die Stelle nachnutzt. Endet eine Version, die sie hat, erfährt sie es immer.",
            "Told is what meets all that is said here. If all is left empty, it is the services "
            "the body reuses. When a version it has ends, it always hears of it.",
        ),
        button=t("Speichern", "Save"),
        back=changing or SUBSCRIPTIONS,
        crumbs=place.own_way((t("Abonnements", "Subscriptions"), SUBSCRIPTIONS)),
        fields=tuple(fields),
        places=_PLACES,
    )


def _which(place: Place, themes: Sequence[tuple[str, str]]) -> list[Field]:
    t = place.t
    every = ("", t("alle", "all"))
    language = 1 if place.language == "en" else 0
    return [
        Field(
            name="service",
            label=t("Dienst", "Service"),
            hint=t(
                "Kurzname aus der Adresse des Dienstes, zum Beispiel wohngeld-sh; * für alle.",
                "Short name from the address of the service, such as wohngeld-sh; * for all.",
            ),
        ),
        Field(
            name="range",
            label=t("Versionen", "Versions"),
            hint=t(
                "Zum Beispiel ^2 für alle ab 2.0.0 und unter 3; leer: alle.",
                "For example ^2 for all from 2.0.0 and below 3; empty: all.",
            ),
        ),
        Field(
            name="theme",
            label=t("Themenfeld", "Theme"),
            kind="choice",
            choices=[every, *themes],
        ),
        Field(
            name="builder",
            label=t("Bereitstellende Stelle", "Builder"),
            hint=t("Regionalschlüssel oder Kurzname.", "Regional key or short name."),
        ),
        Field(
            name="area",
            label=t("Gebiet", "Area"),
            hint=t("Regionalschlüssel.", "Regional key."),
        ),
        Field(
            name="actions",
            label=t("Was geschieht", "What happens"),
            hint=t("Nichts ausgewählt: alles.", "Nothing chosen: everything."),
            kind="several",
            choices=[(action, says(action)[language]) for action in ACTIONS],
        ),
    ]


def _where(place: Place, *, mails: bool) -> list[Field]:
    t = place.t
    fields = [
        Field(
            name="url",
            label=t("Internetadresse, die Meldungen annimmt", "Web address that takes messages"),
            hint=t(
                "Nur für Programme (Webhook). Leer: Sie lesen die Meldungen hier oder als Feed.",
                "For programs only (webhook). Empty: you read the messages here or as a feed.",
            ),
        ),
        Field(name="note", label=t("Notiz", "Note"), kind="long"),
    ]
    if mails:
        hint = t(
            "Höchstens eine E-Mail am Tag, wenn die Adresse ihren Code zurückgegeben hat.",
            "At most one mail a day, once the address has sent back its code.",
        )
        fields.insert(1, Field(name="mail", label=t("E-Mail-Adresse", "Mail address"), hint=hint))
    return fields


def filled(known: Subscription) -> dict[str, list[str]]:
    """A subscription as its form was filled in."""
    told = {name: getattr(known, name) for name in SUBSCRIPTION_FIELDS}
    given = {name: [text] for name, text in told.items() if text and (name, text) != ("range", ALL)}
    return given | {"actions": known.actions}


def code_form(place: Place, path: str) -> Form:
    """The code that an address was sent."""
    t = place.t
    return Form(
        heading=t("E-Mail-Adresse bestätigen", "Confirm the mail address"),
        lead=t(
            "Tragen Sie den Code ein, der an die Adresse geschickt wurde.",
            "Enter the code that was sent to the address.",
        ),
        button=t("Bestätigen", "Confirm"),
        back=path,
        crumbs=place.own_way((t("Abonnements", "Subscriptions"), SUBSCRIPTIONS)),
        fields=(Field(name="code", label="Code", required=True),),
    )


def token_form(
    place: Place, scopes: Iterable[str], bodies: Bodies = (), other: str | None = None
) -> Form:
    """A token with no more than what may be given, for one's own body or `other`, by name."""
    t = place.t
    return Form(
        heading=t("Token ausstellen", "Issue a token"),
        lead=t(
            "Mit einem Token handelt ein Programm für eine Stelle. Es wird nur einmal gezeigt.",
            "With a token a program acts for a body. It is shown only once.",
        ),
        button=t("Ausstellen", "Issue"),
        back=TOKENS,
        crumbs=place.own_way(("Token", TOKENS)),
        places=_PLACES,
        fields=(
            *_for_whom(place, bodies),
            _rights(place, t("Was es darf", "What it may do"), scopes, other),
            Field(
                name="days",
                label=t("Gültig für wie viele Tage", "Valid for how many days"),
                hint=t(
                    f"Leer: {DEFAULT_DAYS}. Höchstens {WRITE_DAYS}; nur zum Lesen {READ_DAYS}.",
                    f"Empty: {DEFAULT_DAYS}. At most {WRITE_DAYS}; {READ_DAYS} only to read.",
                ),
                read=number_or_text,
            ),
            Field(
                name="cidrs",
                label=t("Nur von diesen Netzen", "Only from these networks"),
                hint=t(
                    "Zum Beispiel 203.0.113.0/24; durch Leerzeichen getrennt. Leer: von überall.",
                    "For example 203.0.113.0/24; parted by blanks. Empty: from everywhere.",
                ),
                read=str.split,
            ),
            Field(name="note", label=t("Wofür", "What for"), kind="long"),
        ),
    )


def number_or_text(text: str) -> int | str:
    """A number as one; what is none is refused by the draft."""
    return int(text) if text.isdecimal() and len(text) < 10 else text


def token_draft(form: Form, given: Given) -> TokenDraft:
    """What was asked for; too long a life is told as its hint tells it, for every choice."""
    try:
        return draft_of(form, given, TokenDraft)
    except InvalidForm as refused:
        longest: dict[str, Fact] = {"write": WRITE_DAYS, "read": READ_DAYS}
        told = [
            Fault("/days", "token-days", longest)
            if (one.pointer, one.rule) == ("/days", "too-large")
            else one
            for one in refused.faults
        ]
        raise InvalidForm(*told) from None


def _rights(place: Place, label: str, scopes: Iterable[str], other: str | None = None) -> Field:
    """What may be passed on of what one may do oneself, or for another body."""
    hint = place.t(
        f"Zur Wahl steht, was die Vertretung für {other} umfasst.",
        f"Offered is what the delegation for {other} covers.",
    )
    given = [scope for scope in sorted(scopes) if scope not in (ADMIN, AUDIT)]
    return Field(
        name="scopes",
        label=label,
        hint=hint if other else "",
        kind="several",
        choices=[(scope, scope_word(place, scope)) for scope in given],
        required=True,
    )


def scope_word(place: Place, scope: str) -> str:
    """What a right is called, with the service it is bound to."""
    kind, _, service = scope.partition(":")
    word = place.word("scope", kind)
    return f"{word} ({service})" if service and service != "*" else word


def delegation_form(place: Place, scopes: Iterable[str]) -> Form:
    """Another body may act in one's place."""
    t = place.t
    return Form(
        heading=t("Vertretung erteilen", "Let another body act"),
        lead=t(
            "Die andere Stelle handelt dann für Ihre. Jede Vertretung ist öffentlich verzeichnet.",
            "The other body then acts for yours. Every delegation is recorded in public.",
        ),
        button=t("Erteilen", "Give"),
        back=DELEGATIONS,
        crumbs=place.own_way((t("Vertretungen", "Delegations"), DELEGATIONS)),
        fields=(
            Field(
                name="delegate",
                label=t("Stelle, die handeln darf", "Body that may act"),
                hint=t("Regionalschlüssel oder Kurzname.", "Regional key or short name."),
                required=True,
            ),
            _rights(place, t("Was sie darf", "What it may do"), scopes),
            Field(
                name="services",
                label=t("Nur für diese Dienste", "Only for these services"),
                hint=t(
                    "Kurznamen, durch Leerzeichen getrennt. Leer: für alle.",
                    "Short names, parted by blanks. Empty: for all.",
                ),
                read=str.split,
            ),
            Field(
                name="valid_from",
                label=t("Gilt ab", "From"),
                hint=t("Ein Tag; leer: ab heute.", "A day; empty: from today."),
                read=day_of,
            ),
            Field(
                name="valid_to",
                label=t("Gilt bis vor", "Until before"),
                hint=t("Ein Tag; leer: ohne Ende.", "A day; empty: without end."),
                read=day_of,
            ),
            Field(name="note", label=t("Notiz", "Note"), kind="long"),
        ),
    )


def bare(place: Place, heading: str, back: str, *further: tuple[str, str]) -> Form:
    """A question without fields."""
    return Form(heading=heading, button="", back=back, crumbs=place.own_way(*further))


def asks_to_end(place: Place) -> Question:
    """Before a subscription ends."""
    t = place.t
    return Question(
        heading=t("Abonnement wirklich beenden?", "Really end the subscription?"),
        text=t(
            "Nichts wird mehr gesendet, auch nicht, was noch wartet. Die Adresse des Feeds gilt "
            "nicht mehr.",
            "Nothing is sent any more, what waits neither. The address of the feed ends.",
        ),
        button=t("Ja, beenden", "Yes, end it"),
    )


def asks_for_secret(place: Place) -> Question:
    """Before a receiver gets another secret."""
    t = place.t
    return Question(
        heading=t("Neues Geheimnis ausstellen?", "Issue another secret?"),
        text=t(
            "Einen Tag lang sind Meldungen mit dem alten und dem neuen unterschrieben, dann nur "
            "noch mit dem neuen.",
            "For a day messages are signed with the old and the new one, then only with the new.",
        ),
        button=t("Ja, ausstellen", "Yes, issue it"),
    )


def asks_to_revoke(place: Place, token: Token) -> Question:
    """Before a token is taken back."""
    t = place.t
    what = token.note or ", ".join(scope_word(place, scope) for scope in token.scopes)
    return Question(
        heading=t("Token wirklich zurücknehmen?", "Really take the token back?"),
        text=t(
            f"{what}. Was damit arbeitet, wird sofort abgewiesen.",
            f"{what}. What works with it is refused at once.",
        ),
        button=t("Ja, zurücknehmen", "Yes, take it back"),
    )


def asks_to_end_delegation(place: Place, name: str) -> Question:
    """Before a delegation ends."""
    t = place.t
    return Question(
        heading=t("Vertretung wirklich beenden?", "Really end the delegation?"),
        text=t(
            f"{name} darf ab heute nicht mehr für Ihre Stelle handeln; Token, die diese Stelle "
            "dafür hat, enden. Was sie getan hat, bleibt.",
            f"{name} may no longer act for your body from today; tokens it has for that end. What "
            "it did stays.",
        ),
        button=t("Ja, beenden", "Yes, end it"),
    )
