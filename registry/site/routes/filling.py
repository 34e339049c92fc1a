"""Pages with forms, for who signed in: shown, sent, refused at the fields, carried out.

A handler names the form and what is done with it:

    @post(both("/nachnutzungen/{reuse_id:uuid}/schritt"), **SENT)
    async def post_step(request: AnyRequest, reuse_id: UUID) -> Page:
        form = step_form(place_of(request), ...)
        async def act(tx: Tx, given: Given) -> Outcome:
            return await actions.step(tx, reuse_id, draft_of(form, given, StepDraft))
        return await carry_out(request, form, act, lambda done: leave(request, "/…", "recorded"))

The action is the one of the interface. What it refuses is shown on the same page again.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
from litestar.datastructures import UploadFile
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from registry.authority import Actor
from registry.db import Database, Tx, begin
from registry.errors import NotAuthenticated, Refusal
from registry.identity.browsers import cookie, notice_name
from registry.site.forms import Form, Given, Question, found_wrong
from registry.site.notices import notice_code
from registry.site.routes.answers import Page, page, place_of
from registry.site.speaking import for_forms, put_in_words
from registry.web.problems import on_refusal
from registry.web.requests import FORMS, AnyRequest

T = TypeVar("T")
Act = Callable[[Tx, Given], Awaitable[T]]

SENT: dict[str, Any] = {"status_code": HTTP_303_SEE_OTHER, "opt": {"reads": FORMS}}
"""What a handler that takes a form says of itself."""

_ANSWER = "answer"
_SECONDS = 60
# What filling in anew mends; all else is a page of its own.
MENDED = frozenset({400, 403, 409, 412, 422})


class _Unanswered(Exception):
    """Takes back what was tried, until the question is answered."""


def person_of(request: AnyRequest) -> Actor:
    """Who signed in; forms are for nobody else."""
    caller: Actor | None = request.scope["state"].get("caller")
    if caller is None or caller.session is None:
        raise NotAuthenticated
    return caller


async def given_by(request: AnyRequest) -> dict[str, list[str]]:
    """The texts that a form was filled in with, by field."""
    sent = await request.form()
    return {name: [text for text in sent.getall(name) if isinstance(text, str)] for name in sent}


async def file_of(request: AnyRequest, field: str) -> bytes | None:
    """The file that was chosen, if one was."""
    found = (await request.form()).get(field)
    return await found.read() if isinstance(found, UploadFile) else None


def form_page(
    request: AnyRequest,
    form: Form,
    given: Given,
    refused: Refusal | None = None,
) -> Page:
    """The page with the form as it was filled in; where that was refused, with why."""
    problem = _told(request, refused) if refused else None
    wrong = found_wrong(form, problem) if problem else []
    status = refused.status if refused else HTTP_200_OK
    facts: dict[str, Any] = {"form": form, "given": given, "problem": problem, "wrong": wrong}
    return page(request, form.template, status, **facts)


def _told(request: AnyRequest, refused: Refusal) -> dict[str, Any]:
    """The problem document of a refusal, in the words of pages."""
    place = place_of(request)
    request.scope["state"]["language"] = place.language
    put_in_words(refused, place)
    told = msgspec.json.decode(on_refusal(request, refused).content)
    return told | for_forms(refused.code, place)


def _nothing(given: Given) -> Question | None:
    """Most forms ask nothing back."""


async def carry_out(
    request: AnyRequest,
    form: Form,
    act: Act[T],
    then: Callable[[T], Page],
    asks: Callable[[Given], Question | None] = _nothing,
) -> Page:
    """Do what the form says, then `then`; what is asked is asked when all else is right."""
    given = await given_by(request)
    question = asks(given)
    answer = (given.get(_ANSWER) or [""])[0]
    if answer == "back":
        return form_page(request, form, given)
    try:
        work = partial(_done, request, given, act, sure=question is None or answer == "yes")
        return await attempt(request, form, given, work, then)
    except _Unanswered:
        return asking(request, form, given, question)


async def attempt(
    request: AnyRequest,
    form: Form,
    given: Given,
    work: Callable[[], Awaitable[T]],
    then: Callable[[T], Page],
) -> Page:
    """Do some work, then `then`; what it refuses stands on the page of the form."""
    try:
        done = await work()
    except Refusal as refused:
        if refused.status not in MENDED:
            raise
        return form_page(request, form, given, refused)
    return then(done)


async def _done(request: AnyRequest, given: Given, act: Act[T], *, sure: bool) -> T:
    database: Database = request.app.state.database
    async with database.writes.acquire() as conn, begin(conn, person_of(request)) as tx:
        done = await act(tx, given)
        if not sure:
            raise _Unanswered
        return done


def asking(request: AnyRequest, form: Form, given: Given, question: Question | None) -> Page:
    """The question on a page of its own; what was filled in goes along."""
    return page(request, "question.html", form=form, given=given, question=question)


def leave(request: AnyRequest, path: str, notice: str, *numbers: int) -> Page:
    """To the page of what was changed, which says once that it was."""
    name = notice_name(request.app.state.settings)
    return leave_with(request, path, name, notice_code(notice, *numbers))


def leave_with(request: AnyRequest, path: str, name: str, text: str) -> Page:
    """To a page that the browser tells something, once: a reload does not do it again."""
    return Redirect(
        place_of(request).url(path),
        status_code=HTTP_303_SEE_OTHER,
        headers={"Cache-Control": "no-store"},
        cookies=[cookie(request.app.state.settings, name, text, _SECONDS)],
    )
