"""Refusals and failures as RFC 9457 problem documents, in one place.

`type` is the address of a page that explains the code, `errors` names places by RFC 6901 pointers
(`/field` in the body, `?name` for a query parameter). Nothing of an unexpected failure leaves the
process.
"""

import re
from typing import Any, cast

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from registry.errors import Fault, Refusal
from registry.web.language import Language, preferred_language
from registry.web.texts import problem_text, problem_texts, rule_text

PROBLEM_TYPE = "application/problem+json"

_HTTP_CODES = {
    400: "malformed-request",
    401: "not-authenticated",
    403: "not-yours",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}

_log: Any = structlog.get_logger()


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place of the input that is wrong; `line` where a text was given that has lines."""

    pointer: str
    rule: str
    detail: str
    line: int | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457); further members are the facts of the refusal."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    errors: tuple[Place, ...] = ()


AnyRequest = Request[Any, Any, Any]


def problem_response(
    request: AnyRequest,
    code: str,
    status: int,
    faults: tuple[Fault, ...] = (),
    facts: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """The problem `code` in the caller's language."""
    language = preferred_language(request.headers.get("accept-language", ""))
    known = facts or {}
    problem = Problem(
        type=f"/problems/{code}",
        title=problem_text(code, "title", language, known),
        status=status,
        detail=problem_text(code, "detail", language, known),
        remedy=problem_text(code, "remedy", language, known),
        errors=tuple(_place(fault, language) for fault in faults),
    )
    members = msgspec.to_builtins(problem)
    body = {name: value for name, value in known.items() if name not in members} | members
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=PROBLEM_TYPE,
        headers={"Content-Language": language, "Vary": "Accept-Language"} | (headers or {}),
    )


def _place(fault: Fault, language: Language) -> Place:
    detail = rule_text(fault.rule, language, fault.facts)
    line = fault.facts.get("line")
    return Place(
        pointer=fault.pointer,
        rule=fault.rule,
        detail=detail,
        line=line if isinstance(line, int) else None,
    )


def on_refusal(request: AnyRequest, refusal: Refusal) -> Response[bytes]:
    """A refusal of the domain."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    return problem_response(
        request, refusal.code, refusal.status, refusal.faults, dict(refusal.facts), headers
    )


def on_http_exception(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown addresses, methods, unreadable bodies and parameters."""
    if isinstance(error, ValidationException):
        return _validation_problem(request, error)
    if error.status_code >= 500:
        return on_failure(request, error)
    code = _HTTP_CODES.get(error.status_code, "malformed-request")
    faults = (Fault("", "not-json", {"reason": error.detail}),) if error.status_code == 400 else ()
    return problem_response(request, code, error.status_code, faults, headers=error.headers)


def on_failure(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A defect of ours: logged in full, told to the caller by its id only."""
    request_id = getattr(request.state, "request_id", "-")
    _log.error("failure", request_id=request_id, path=request.url.path, exc_info=error)
    return problem_response(request, "internal-error", 500, facts={"request_id": request_id})


def on_deep_nesting(request: AnyRequest, _: RecursionError) -> Response[bytes]:
    """Only a body nested by hundreds of levels exhausts the stack of the JSON reader."""
    return problem_response(request, "malformed-request", 400, (Fault("", "too-deep"),))


def _validation_problem(request: AnyRequest, error: ValidationException) -> Response[bytes]:
    places = cast("list[dict[str, Any]]", error.extra if isinstance(error.extra, list) else [])
    faults = tuple(_fault(place) for place in places)
    if any(fault.pointer.startswith("?") or fault.rule == "malformed-path" for fault in faults):
        return problem_response(request, "malformed-request", 400, faults)
    return problem_response(request, "invalid-body", 422, faults)


_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")


def _fault(place: dict[str, Any]) -> Fault:
    """Msgspec's message and path as a fault: `m[0].name` becomes `/m/0/name`."""
    message, key = str(place.get("message", "")), str(place.get("key", ""))
    pointer = _pointer(key, str(getattr(place.get("source"), "value", place.get("source"))))
    for pattern, rule in ((_UNKNOWN, "unknown-field"), (_MISSING, "missing-field")):
        if found := pattern.fullmatch(message):
            return Fault(pointer, rule, {"name": found["name"]})
    return Fault(pointer, "type", {"expected": message.removeprefix("Expected ")})


def _pointer(key: str, source: str) -> str:
    if source != "body":
        return f"?{key}"
    steps = re.findall(r"\.{3}|[^.\[\]]+", key.removeprefix("data"))
    return "".join("/*" if step == "..." else f"/{step}" for step in steps)


def known_codes() -> list[str]:
    """Every code that has a page."""
    return sorted(problem_texts())


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: on_refusal,
    HTTPException: on_http_exception,
    RecursionError: on_deep_nesting,
    Exception: on_failure,
}
