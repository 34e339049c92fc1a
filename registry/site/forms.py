"""Forms: described field by field; what was sent becomes the draft of an action; pure.

A field is named for the place of the draft that it fills, `evidence.kind` for a member of a member.
So a fault, which names its place, finds its field again.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from registry.errors import Fault, Unprocessable
from registry.site.rendering import foreign
from registry.site.words import sentence
from registry.web.places import fault_from

T = TypeVar("T")
Kind = Literal["text", "long", "choice", "radio", "several", "file", "hidden"]
Given = Mapping[str, Sequence[str]]

WHOLE = "*"  # the name of a field for all of a draft
_LONGEST = 1_000  # of what a problem says on a page
_NO_ID = re.compile(r"[^A-Za-z0-9_.-]")


class InvalidForm(Unprocessable):
    """What a form was filled in with is no draft that an action takes."""

    code = "invalid-form"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field, in the language of its page; `choices` are values with what they are called.

    `suggestions` are the same for a text, which may be another.
    `read` makes of a text what the draft takes, or leaves it as it is. An empty field says nothing.
    """

    name: str
    label: str
    hint: str = ""
    kind: Kind = "text"
    choices: Sequence[tuple[str, str]] = ()
    suggestions: Sequence[tuple[str, str]] = ()
    required: bool = False
    read: Callable[[str], Any] = str
    about: str = ""

    @property
    def place(self) -> str:
        """The place of the draft that it fills: `about`, or by its name, maybe a pointer itself."""
        if self.about:
            return self.about
        if self.name == WHOLE:
            return ""
        return self.name if self.name.startswith("/") else f"/{self.name.replace('.', '/')}"

    @property
    def id(self) -> str:
        """What its element is called; a name may hold what no id may."""
        return "f-" + _NO_ID.sub(lambda found: f"~{ord(found[0]):x}", self.name)


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A page with one form. `places`: by the code of a refusal the field that it is about.

    `template` extends `form.html`, where `facts` are shown around the fields. `lines_apart`: it
    shows by itself what is wrong in the lines of a file.
    """

    heading: str
    button: str
    back: str
    fields: tuple[Field, ...] = ()
    lead: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    places: Mapping[str, str] = {}
    template: str = "form.html"
    facts: Mapping[str, Any] = {}
    lines_apart: bool = False

    @property
    def has_file(self) -> bool:
        return any(field.kind == "file" for field in self.fields)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked on a page of its own, before something that cannot be undone."""

    heading: str
    text: str
    button: str


class Wrong(msgspec.Struct, frozen=True):
    """One thing that is wrong, with the field where it is mended, if it is one.

    In a file it is wrong at a `place` (a pointer into it), which begins in a `line`.
    """

    field: Field | None
    text: str
    place: str = ""
    line: int | None = None


def draft_of(form: Form, given: Given, draft: type[T], **fixed: Any) -> T:
    """What was filled in, as the draft of an action; refuses all that does not fit."""
    told: dict[str, Any] = dict(fixed)
    for field in form.fields:
        texts = [text for text in map(clean, given.get(field.name, ())) if text]
        if field.kind != "file" and texts:
            value = [*map(field.read, texts)] if field.kind == "several" else field.read(texts[0])
            _put(told, field.name.split("."), value)
    if faults := [*_faults(told, draft)]:
        raise InvalidForm(*faults)
    return msgspec.convert(told, draft)


def clean(text: str) -> str:
    """The text without the breaks that browsers send, and without blanks around it."""
    return text.replace("\r\n", "\n").strip()


def first(given: Given, name: str) -> str:
    """What a field was filled in with."""
    return clean((given.get(name) or [""])[0])


def _put(told: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for step in path[:-1]:
        told = told.setdefault(step, {})
    told[path[-1]] = value


def _faults(told: dict[str, Any], draft: type) -> Iterator[Fault]:
    """One fault of each member; msgspec by itself stops at the first of all."""
    for field in msgspec.structs.fields(draft):
        name = field.encode_name
        if name not in told:
            if field.required:
                yield Fault(f"/{name}", "left-empty")
            continue
        try:
            msgspec.convert({name: told[name]}, draft)
        except msgspec.ValidationError as error:
            fault = fault_from(str(error), draft)
            if fault.pointer:
                yield fault
            elif fault.rule != "missing-field":
                yield Fault(f"/{name}", fault.rule, fault.facts)


def found_wrong(form: Form, problem: Mapping[str, Any]) -> list[Wrong]:
    """What a problem document says is wrong, each with its field, in the order of the fields.

    What is wrong in lines that its page shows apart is one thing here.
    """
    whole = Wrong(
        _called(form, form.places.get(code_of(problem))), foreign(problem["detail"], _LONGEST)
    )
    errors = problem.get("errors", ())
    found = [_wrong(form, e) for e in errors if not (form.lines_apart and "line" in e)] or [whole]
    return sorted(found, key=lambda one: form.fields.index(one.field) if one.field else -1)


def _wrong(form: Form, error: Mapping[str, Any]) -> Wrong:
    field, text = _at(form, error["pointer"]), sentence(foreign(error["detail"], _LONGEST))
    if field is None or field.kind != "file":
        return Wrong(field, text)
    within = error["pointer"].removeprefix(field.place)
    return Wrong(field, text, foreign(within), error.get("line"))


def code_of(problem: Mapping[str, Any]) -> str:
    """The code of a problem document."""
    return problem["type"].rpartition("/")[2]


def _at(form: Form, pointer: str) -> Field | None:
    """The field that fills a place, or what that place lies in."""
    within = [one for one in form.fields if f"{pointer}/".startswith(f"{one.place}/")]
    return max(within, key=lambda one: len(one.place), default=None)


def _called(form: Form, name: str | None) -> Field | None:
    return next((field for field in form.fields if field.name == name), None)
