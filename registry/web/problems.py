"""Refusals and failures as RFC 9457 problem documents, in one place.

`type` is the address of a page that explains the code, `errors` names places by RFC 6901 pointers
(`/field` in the body, `?name` for a query parameter, see `places`). Nothing of an unexpected
failure leaves the process.
"""

from collections.abc import Iterator
from typing import Any, cast

import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Scope, Send

from registry.db.failures import BUSY, FULL, NOT_STORABLE
from registry.errors import Fault, Refusal
from registry.web.language import Language, preferred_language, spoken
from registry.web.places import faults_of
from registry.web.requests import READ_BODY, AnyRequest, JsonRequest
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

_RETRY_AFTER = "2"

_log: Any = structlog.get_logger()


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place of the input that is wrong; `line` where a text was given that has lines.

    `column` is the header of a table's cell.
    """

    pointer: str
    rule: str
    detail: str
    line: int | None = None
    column: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457); further members are the facts of the refusal."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    errors: tuple[Place, ...] = ()


def problem_response(
    request: AnyRequest,
    code: str,
    status: int,
    faults: tuple[Fault, ...] = (),
    facts: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """The problem `code` in the language of the page asked for, else in the caller's.

    Whoever watches refusals finds its code.
    """
    request.scope["state"]["problem"] = code
    language: Language = request.scope["state"].get("language") or preferred_language(
        request.headers.get("accept-language", "")
    )
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
        headers=spoken(language) | (headers or {}),
    )


def _place(fault: Fault, language: Language) -> Place:
    detail = rule_text(fault.rule, language, fault.facts)
    line, column = fault.facts.get("line"), fault.facts.get("column")
    return Place(
        pointer=fault.pointer,
        rule=fault.rule,
        detail=detail,
        line=line if isinstance(line, int) else None,
        column=column if isinstance(column, str) else None,
    )


def on_refusal(request: AnyRequest, refusal: Refusal) -> Response[bytes]:
    """A refusal of the domain."""
    return problem_response(
        request,
        refusal.code,
        refusal.status,
        refusal.faults,
        refusal.members,
        _headers_of(refusal),
    )


def _headers_of(refusal: Refusal) -> dict[str, str]:
    """What clients act on without reading the document: whom to be, when to come again."""
    if refusal.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if refusal.status != 429:
        return {}
    wait = refusal.facts["retry_after"]
    if "policy" not in refusal.facts:
        return {"Retry-After": str(wait)}
    policy = refusal.facts["policy"]
    window = refusal.facts.get("window", 60)
    return {
        "Retry-After": str(wait),
        "RateLimit-Policy": f'"{policy}";q={refusal.facts["limit"]};w={window}',
        "RateLimit": f'"{policy}";r=0;t={wait}',
    }


def on_http_exception(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown addresses, methods, unreadable bodies and parameters."""
    if isinstance(error, ValidationException):
        return _validation_problem(request, error)
    if error.status_code >= 500:
        return on_failure(request, error)
    code = _HTTP_CODES.get(error.status_code, "malformed-request")
    return problem_response(request, code, error.status_code, headers=error.headers)


def on_failure(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A defect of ours: logged in full, told to the caller by its id only."""
    request_id = _log_as(_log.error, "failure", request, error)
    return problem_response(request, "internal-error", 500, facts={"request_id": request_id})


def on_busy(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The database is away or gave up waiting: the same call may succeed in a moment."""
    _log_as(_log.warning, "busy", request, error)
    return problem_response(request, "busy", 503, headers={"Retry-After": _RETRY_AFTER})


def on_full(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The disk of the database is full: nothing was changed."""
    _log_as(_log.error, "full", request, error)
    return problem_response(request, "no-room", 507)


def on_unstorable(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A text or number that the database has no place for."""
    _log_as(_log.warning, "unstorable", request, error)
    return problem_response(request, "malformed-request", 400, (Fault("", "unstorable"),))


def on_several(request: AnyRequest, errors: ExceptionGroup[Exception]) -> Response[bytes]:
    """What ended a request, and what failed while it was cleaned up."""
    found = [*_leaves(errors)]
    if any(isinstance(error, FULL) for error in found):
        return on_full(request, errors)
    if any(isinstance(error, BUSY) for error in found):
        return on_busy(request, errors)
    return on_failure(request, errors)


def _leaves(errors: ExceptionGroup[Exception]) -> Iterator[BaseException]:
    if errors.__cause__:
        yield errors.__cause__
    for error in errors.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(cast("ExceptionGroup[Exception]", error))
        else:
            yield error


def _log_as(log: Any, event: str, request: AnyRequest, error: Exception) -> str:
    request_id = getattr(request.state, "request_id", "-")
    log(event, request_id=request_id, path=request.scope["path"], exc_info=error)
    return request_id


def _validation_problem(request: AnyRequest, error: ValidationException) -> Response[bytes]:
    body = request.scope["state"].get(READ_BODY)
    faults = faults_of(error, _forms(request), body, _called(request))
    if faults and all(fault.pointer.startswith("/") or not fault.pointer for fault in faults):
        return problem_response(request, "invalid-body", 422, faults)
    return problem_response(request, "malformed-request", 400, faults)


def _forms(request: AnyRequest) -> list[Any]:
    """What the parts of a request are read into, by the handler and what it depends on."""
    handler = request.route_handler
    return [one.signature_model for one in (handler, *handler.resolve_dependencies().values())]


def _called(request: AnyRequest) -> dict[str, str]:
    """What callers call the parameters of a handler, by the names it has for them."""
    parts: Any = dict.fromkeys(request.path_params)
    expected = request.route_handler.create_kwargs_model(parts)
    named = (
        *expected.expected_query_params,
        *expected.expected_header_params,
        *expected.expected_cookie_params,
    )
    return {one.field_name: one.field_alias for one in named}


def known_codes() -> list[str]:
    """Every code that has a page."""
    return sorted(problem_texts())


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: on_refusal,
    HTTPException: on_http_exception,
    ExceptionGroup: on_several,
    Exception: on_failure,
    **dict.fromkeys(BUSY, on_busy),
    **dict.fromkeys(FULL, on_full),
    **dict.fromkeys(NOT_STORABLE, on_unstorable),
}


async def answer_failure(scope: Scope, send: Send, failure: Exception) -> None:
    """Answer what failed outside of the router, as it would."""
    request = JsonRequest(scope)
    kinds = (kind for kind in type(failure).__mro__ if kind in EXCEPTION_HANDLERS)
    problem = EXCEPTION_HANDLERS[next(kinds)](request, failure)
    headers = {"content-type": problem.media_type, "content-length": str(len(problem.content))}
    named = [(name.lower().encode(), text.encode()) for name, text in problem.headers.items()]
    named += [(name.encode(), text.encode()) for name, text in headers.items()]
    start: Any = {"type": "http.response.start", "status": problem.status_code, "headers": named}
    await send(start)
    await send({"type": "http.response.body", "body": problem.content, "more_body": False})
