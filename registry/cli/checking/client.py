"""Calls to a registry. A token never travels on through a redirect, and answers are bounded."""

import difflib
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
import msgspec

from registry import __version__
from registry.cli.checking.words import because, say, shown
from registry.compatibility.rules import Language
from registry.errors import SetupProblem
from registry.identity.pipeline_model import ExchangedToken

_SECONDS = 60
_MOST_BYTES = 1 << 26
_LONGEST_TOKEN = 8_192
_MOST_SERVICES = 10_000


class _Staying(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: another host is not to see the token."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes

    @property
    def problem(self) -> Mapping[str, Any]:
        """The problem document (RFC 9457) it is, or nothing."""
        try:
            found = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError):
            return {}
        return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        """The code of the problem, by the last part of its `type`."""
        return str(self.problem.get("type", "")).rpartition("/")[2]


@dataclass(frozen=True)
class Registry:
    """A registry by its address; `token` may be empty."""

    address: str
    token: str
    language: Language

    def get(self, path: str) -> bytes:
        """The body of what is there; what is not there is wrong usage, the rest unreachable."""
        answer = self.call("GET", path)
        if answer.status != 200:
            raise self.refusal(answer)
        return answer.body

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """The answer to one call; raises SetupProblem where there is none, or none may be had."""
        if body is None:
            return self.send(method, path, None, {})
        headers = {"Content-Type": "application/json"}
        return self.send(method, path, msgspec.json.encode(body), headers)

    def send(
        self, method: str, path: str, content: bytes | BinaryIO | None, headers: Mapping[str, str]
    ) -> Answer:
        """The same with a body as it is; a stream is sent while it is read."""
        headers = {"Accept": "application/json", "User-Agent": f"efa/{__version__}", **headers}
        headers["Accept-Language"] = self.language
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(  # noqa: S310 - the address is http or https
            self.address + path, content, headers, method=method
        )
        answer = self._answer(request)
        if answer.status in (401, 403, 408, 429) or answer.status >= 500:
            raise SetupProblem(self._words(answer))
        return answer

    def _answer(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opened(request) as response:
                if 300 <= response.status < 400:
                    raise self._problem("moved")
                return Answer(response.status, self._bounded(response))
        except (OSError, HTTPException, ValueError) as error:
            inner = getattr(error, "reason", None)
            told = because(inner if isinstance(inner, Exception) else error, self.language)
            raise self._problem("unreachable", given=shown(told)) from None

    def _opened(self, request: urllib.request.Request) -> Any:
        """The answer, whatever its status; its body is not read yet, and may break off."""
        try:
            return urllib.request.build_opener(_Staying).open(request, timeout=_SECONDS)
        except urllib.error.HTTPError as error:
            return error

    def _bounded(self, response: Any) -> bytes:
        body = response.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise self._problem("no-answer", status=response.status)
        return body

    def decoded(self, body: bytes, kind: Any) -> Any:
        """The body as a Struct; another form means that this is no registry."""
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, RecursionError):
            raise self._problem("no-answer", status=200) from None

    def refusal(self, answer: Answer) -> Exception:
        """What a registry declines is wrong usage; what is no registry's answer, unreachable."""
        if not answer.problem:
            return self._problem("no-answer", status=answer.status)
        if answer.code == "unknown-service":
            return self._no_service(str(answer.problem.get("service", "")))
        return click.ClickException(self._words(answer))

    def _no_service(self, given: str) -> Exception:
        """That a service is not there, with the one whose name is nearest."""
        near = difflib.get_close_matches(given, self._services(), 1)
        hint = say("explain", "near", self.language, given=near[0]) if near else ""
        facts = {"given": given, "near": hint, "address": self.address}
        return click.ClickException(shown(say("registry", "no-service", self.language, **facts)))

    def _services(self) -> list[str]:
        found: list[str] = []
        following = "/v1/services?limit=100"
        while following and len(found) < _MOST_SERVICES:
            page = self.decoded(self.get(following), _Services)
            found += [each.slug for each in page.items]
            following = page.next if page.items else None
        return found

    def _words(self, answer: Answer) -> str:
        problem = answer.problem
        if answer.status == 401:
            rule = "token-refused" if self.token else "no-token"
            return say("registry", rule, self.language, address=self.address)
        given = " ".join(str(problem[name]) for name in ("detail", "remedy") if name in problem)
        given = given or str(problem.get("title", ""))
        given += "".join(
            f" {each['pointer']}: {each['detail']}." for each in places_of(problem)[:_MOST_PLACES]
        )
        rule = "refused" if given else "refused-mute"
        return shown(say("registry", rule, self.language, status=answer.status, given=given))

    def _problem(self, rule: str, **facts: object) -> SetupProblem:
        return SetupProblem(say("registry", rule, self.language, address=self.address, **facts))


class _Service(msgspec.Struct):
    slug: str


class _Services(msgspec.Struct):
    """What of a page of services is read."""

    items: list[_Service]
    next: str | None


def places_of(problem: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The places a problem names, each with its pointer and what is wrong there."""
    try:
        errors = msgspec.convert(problem.get("errors", []), list[dict[str, Any]])
    except msgspec.ValidationError:
        return []
    return [each for each in errors if each.keys() >= _NAMED]


_NAMED = {"pointer", "detail"}
_MOST_PLACES = 3


def registry_at(
    address: str | None, token_file: Path | None, language: Language, *, needs_token: bool = False
) -> Registry:
    """The registry that options or environment name; refuses what is no address or no token."""
    if not address:
        raise click.UsageError(say("registry", "no-address", language))
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise click.UsageError(say("registry", "address", language, given=shown(address)))
    place = address.rstrip("/").removesuffix("/v1")
    token = _token(token_file, language)
    if needs_token and not token:
        raise SetupProblem(say("registry", "no-token", language, address=place))
    return Registry(place, token, language)


def publisher_at(
    address: str | None, token_file: Path | None, language: Language, service: str
) -> Registry:
    """The registry for one who publishes: a job has an ID token where others have a token."""
    id_token = os.environ.get("EFA_ID_TOKEN", "").strip()
    registry = registry_at(address, token_file, language, needs_token=not id_token)
    if token_file or not id_token:
        return registry
    registry = replace(registry, token="")
    draft = {"id_token": id_token, "services": [service]}
    answer = registry.call("POST", "/v1/token-exchange", draft)
    if answer.status != 201:
        raise registry.refusal(answer)
    token = registry.decoded(answer.body, ExchangedToken).token
    return replace(registry, token=token)


def _token(file: Path | None, language: Language) -> str:
    """The token: never an argument, which other users of the machine could see."""
    if file is None:
        token = os.environ.get("EFA_TOKEN", "")
    else:
        try:
            token = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            given = f"{shown(file)}: {because(error, language)}"
            raise click.UsageError(say("registry", "token", language, given=given)) from None
    token = token.strip()
    if len(token) > _LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        given = str(file or "EFA_TOKEN")
        raise click.UsageError(say("registry", "token", language, given=given))
    return token
