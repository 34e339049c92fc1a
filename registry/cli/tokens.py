"""`efa token create|list|revoke`: the tokens of one's body at a running registry."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import click

from registry.authority import Reach
from registry.cli.checking.client import Answer, Registry, registry_at
from registry.cli.checking.options import LANGUAGE, asking
from registry.cli.checking.words import preferred, say, shown
from registry.compatibility.rules import Language
from registry.identity.model import DEFAULT_DAYS, IssuedToken, Token, TokenDraft, TokenPage


@click.group("token")
def token_group() -> None:
    """Tokens: who may call the registry as your body."""


def _options(values: dict[str, Any]) -> Registry:
    """The registry that the options every command here takes name."""
    lang: Language = values.pop("lang") or preferred()
    return registry_at(values.pop("registry"), values.pop("token_file"), lang, needs_token=True)


@token_group.command("create")
@click.option("--scope", "scopes", multiple=True, required=True, help="read, reuse, publish:…")
@click.option("--organisation", help="A body that lets yours act; else your own.")
@click.option(
    "--days", type=int, default=DEFAULT_DAYS, show_default=True, help="How long it lives."
)
@click.option("--note", default="", help="What it is for.")
@click.option("--cidr", "cidrs", multiple=True, help="Only from these addresses.")
@click.option("--within", multiple=True, help="With scope audit: only in these territories.")
@click.option("--service", "services", multiple=True, help="With scope audit: only of these.")
@asking
@LANGUAGE
def create_command(within: Sequence[str], services: Sequence[str], **values: Any) -> None:
    """Issue a token; it is printed once, alone on standard output."""
    to = _options(values)
    reach = Reach(within=tuple(within), services=tuple(services)) if within or services else None
    answer = to.call("POST", "/v1/tokens", TokenDraft(reach=reach, **values))
    told = to.decoded(_wanted(to, answer, 201), IssuedToken)
    click.echo(say("tokens", "issued", to.language, **_words(told.issued)), err=True)
    click.echo(told.token)


@token_group.command("list")
@click.option("--organisation", help="Those you asked for, of a body that lets yours act.")
@click.option("--all", "ended", is_flag=True, help="Those that ended, too.")
@asking
@LANGUAGE
def list_command(organisation: str | None, ended: bool, **values: Any) -> None:
    """List the tokens of your body, the newest first."""
    to = _options(values)
    path = f"/v1/tokens?limit=200&ended={str(ended).lower()}"
    if organisation:
        path += f"&organisation={quote(organisation, safe='')}"
    while path:
        page = to.decoded(_wanted(to, to.call("GET", path), 200), TokenPage)
        for token in page.items:
            click.echo(_line(token, to.language))
        path = page.next or ""


@token_group.command("revoke")
@click.argument("token_id", type=click.UUID)
@asking
@LANGUAGE
def revoke_command(token_id: object, **values: Any) -> None:
    """Take the token TOKEN_ID back; `efa token list` names the ids."""
    to = _options(values)
    answer = to.call("DELETE", f"/v1/tokens/{token_id}")
    told = to.decoded(_wanted(to, answer, 200), Token)
    click.echo(say("tokens", "revoked", to.language, **_words(told)))


def _wanted(to: Registry, answer: Answer, status: int) -> bytes:
    if answer.status != status:
        raise to.refusal(answer)
    return answer.body


def _words(token: Token) -> dict[str, str]:
    """What a line says of a token; what others wrote is made harmless for a terminal."""
    return {
        "id": str(token.id),
        "body": shown(token.organisation.key),
        "scopes": shown(", ".join(token.scopes)),
        "until": f"{token.expires_at:%Y-%m-%d}",
    }


def _line(token: Token, language: Language) -> str:
    """One line on a token; without a note there is nothing to say of it."""
    used = "used" if token.last_used_on else "never"
    last = say("tokens", used, language, day=token.last_used_on)
    line = say("tokens", "line", language, **_words(token), used=last)
    return f"{line}  {shown(token.note)}".rstrip()


COMMANDS = (token_group,)
