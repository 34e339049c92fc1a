"""The forms of a new version: its schemas as files, then its number beside what was found; pure."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from registry.characters import INTERFACE_NAME
from registry.compatibility.texts import lines_text
from registry.dialects.yaml_text import YAML, OddYaml, read_yaml
from registry.errors import Fact, Fault, Malformed
from registry.impact.checks import Check, CheckDraft
from registry.site.forms import Field, Form, Given, InvalidForm, draft_of, first
from registry.site.rendering import Place
from registry.site.vouching import reason_fields
from registry.versions.model import Direction
from registry.versions.schemas.guard import LIMITS

_DIRECTIONS: tuple[Direction, ...] = ("accepts", "emits", "exchanges")
_PLACES = {
    "version-number-odd": "version",
    "version-number-too-small": "version",
    "version-does-not-fit-next": "version",
    "version-number-late": "version",
    "version-immutable": "version",
}
NUMBER = "version"
DRAFT = "draft"
DROPPED = "dropped"
NEW_NAME, NEW_DIRECTION, NEW_FILE = "new.name", "new.direction", "new.file"
SUMMARY = "notes.summary"


def _schema_of(name: str) -> str:
    """The place of the draft with the schema of an interface."""
    return f"/interfaces/{name}/schema_text"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was sent; its name says whether it is YAML."""

    name: str = ""
    content: bytes = b""

    def __bool__(self) -> bool:
        return bool(self.content)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An interface of the newest version."""

    name: str
    direction: Direction
    text: str

    @property
    def field(self) -> str:
        """The field for its new schema."""
        return f"/interfaces/{self.name}"


class Publishing(msgspec.Struct, frozen=True, kw_only=True):
    """A service of which a version is to be published: its name, what its newest version has.

    `most`: how many bytes all schemas may have together, since a page carries them to the next.
    """

    most: int
    slug: str
    name: str
    newest: str | None
    known: Sequence[Known]

    @property
    def path(self) -> str:
        return f"/dienste/{self.slug}"


def publish_form(place: Place, about: Publishing, given: Given) -> Form:
    """The schemas as files; a new interface beside those of the newest version."""
    t, new = place.t, first(given, NEW_NAME)
    return Form(
        heading=t("Neue Version prüfen", "Check a new version"),
        lead=about.name,
        button=t("Prüfen", "Check"),
        back=about.path,
        crumbs=((t("Dienste", "Services"), "/dienste"), (about.name, about.path)),
        fields=(
            *(_schema_field(place, about, one, new) for one in about.known),
            *_dropped(place, about),
            *_new_interface(place, about, new),
            _number(place, required=False),
            Field(name=SUMMARY, label=t("Was sich ändert", "What changes"), kind="long"),
        ),
        places=_PLACES,
    )


def _schema_field(place: Place, about: Publishing, one: Known, new: str) -> Field:
    t, direction = place.t, place.word("direction", one.direction)
    return Field(
        name=one.field,
        label=t(f"Schema der Schnittstelle {one.name}", f"Schema of the interface {one.name}"),
        hint=t(
            f"JSON Schema; der Dienst {direction}. Ohne Datei bleibt das aus {about.newest}. ",
            f"JSON Schema; the service {direction}. Without a file that of {about.newest} stays. ",
        )
        + _what_file(place, about),
        kind="file",
        about=_schema_of(one.name) if one.name != new else "",
    )


def _what_file(place: Place, about: Publishing) -> str:
    """What is known of the size and the form of files before one is chosen."""
    one, all_of_them = place.megabytes(LIMITS.bytes), place.megabytes(about.most)
    return place.t(
        f"Als JSON oder YAML (.yaml, .yml). Höchstens {one} je Datei und "
        f"{all_of_them} für alle Schemas zusammen.",
        f"As JSON or YAML (.yaml, .yml). At most {one} for each file and "
        f"{all_of_them} for all schemas together.",
    )


def _dropped(place: Place, about: Publishing) -> list[Field]:
    names = [(one.name, one.name) for one in about.known]
    label = place.t("Schnittstellen, die entfallen", "Interfaces that are dropped")
    return [Field(name=DROPPED, label=label, kind="several", choices=names)] if names else []


def _new_interface(place: Place, about: Publishing, name: str) -> list[Field]:
    t, first = place.t, not about.known
    unsaid = ("", t("Bitte wählen", "Please choose"))
    directions = [unsaid, *place.choices("direction", _DIRECTIONS)]
    return [
        Field(
            name=NEW_NAME,
            label=t("Neue Schnittstelle: Name", "New interface: name"),
            hint=t(
                "Kleinbuchstaben, Ziffern und Bindestriche, zum Beispiel application (Antrag) oder "
                "parameters (Angaben der nachnutzenden Stelle).",
                "Lower-case letters, digits and hyphens, for example application or parameters.",
            ),
            required=first,
        ),
        Field(
            name=NEW_DIRECTION,
            label=t("Neue Schnittstelle: der Dienst …", "New interface: the service …"),
            kind="choice",
            choices=directions,
            required=first,
        ),
        Field(
            name=NEW_FILE,
            label=t("Neue Schnittstelle: Schema", "New interface: schema"),
            hint=_what_file(place, about),
            kind="file",
            required=first,
            about=_schema_of(name) if name else "",
        ),
    ]


def _number(place: Place, *, required: bool) -> Field:
    return Field(
        name=NUMBER,
        label=place.t("Nummer der Version", "Number of the version"),
        hint=""
        if required
        else place.t(
            "Bleibt das Feld leer, wird die kleinste erlaubte Nummer vorgeschlagen.",
            "If left empty, the least number allowed is proposed.",
        ),
        required=required,
    )


def check_draft(
    form: Form, about: Publishing, given: Given, files: Mapping[str, Sent]
) -> CheckDraft:
    """The version as the form and its files say it."""
    dropped = given.get(DROPPED, ())
    _require_one_will(about, dropped, files)
    texts = {one.name: files.get(one.field) for one in about.known if one.name not in dropped}
    interfaces: dict[str, Any] = {
        one.name: {"direction": one.direction, "schema_text": one.text}
        for one in about.known
        if one.name in texts
    }
    for name, content in texts.items():
        if content is not None:
            interfaces[name]["schema_text"] = _text(_schema_of(name), content)
    new = _new(given, files.get(NEW_FILE), first_of_all=not about.known)
    if taken := new.keys() & interfaces.keys():
        raise InvalidForm(Fault("/new/name", "interface-there-already", {"name": taken.pop()}))
    interfaces |= new
    if not interfaces:
        raise InvalidForm(Fault(f"/{DROPPED}", "no-interface-left"))
    _require_room(about, interfaces)
    said = msgspec.structs.replace(
        form, fields=tuple(one for one in form.fields if one.name in (NUMBER, SUMMARY))
    )
    return draft_of(said, given, CheckDraft, interfaces=interfaces)


def _require_one_will(about: Publishing, dropped: Sequence[str], files: Mapping[str, Sent]) -> None:
    """Refuse a new schema for an interface that is to be dropped."""
    faults = [
        Fault(f"/{DROPPED}", "dropped-and-given", {"name": one.name})
        for one in about.known
        if one.name in dropped and one.field in files
    ]
    if faults:
        raise InvalidForm(*faults)


def _require_room(about: Publishing, interfaces: Mapping[str, Any]) -> None:
    """Refuse what the page with the findings could not carry, and what no schema may be."""
    sizes = {name: len(one["schema_text"].encode()) for name, one in interfaces.items()}
    if sum(sizes.values()) > about.most:
        largest = max(sizes, key=lambda name: sizes[name])
        rule = "too-many-bytes-together"
        raise InvalidForm(Fault(_schema_of(largest), rule, {"limit": about.most}))
    large = [_schema_of(name) for name, size in sizes.items() if size > LIMITS.bytes]
    if large:
        raise InvalidForm(*(Fault(one, "too-many-bytes", {"limit": LIMITS.bytes}) for one in large))


def _new(given: Given, content: Sent | None, *, first_of_all: bool) -> dict[str, Any]:
    name, direction = first(given, NEW_NAME), first(given, NEW_DIRECTION)
    if not (name or direction or content or first_of_all):
        return {}
    file = _schema_of(name) if name else "/new/file"
    told = {"/new/name": name, "/new/direction": direction, file: content}
    if missing := [Fault(place, "left-empty") for place, value in told.items() if not value]:
        raise InvalidForm(*missing)
    if not re.match(INTERFACE_NAME, name):
        raise InvalidForm(Fault("/new/name", "no-interface-name"))
    text = _text(file, content or Sent())
    return {name: {"direction": direction, "schema_text": text}}


def _text(pointer: str, sent: Sent) -> str:
    """The schema as JSON text: as it was sent, or what its YAML means."""
    try:
        text = sent.content.decode()
    except UnicodeDecodeError as error:
        raise InvalidForm(Fault(pointer, "not-utf-8", {"byte": error.start})) from None
    if not sent.name.lower().endswith(YAML):
        return text
    if len(sent.content) > LIMITS.bytes:
        raise InvalidForm(Fault(pointer, "too-many-bytes", {"limit": LIMITS.bytes}))
    try:
        return lines_text(read_yaml(text, LIMITS)[0])
    except OddYaml as odd:
        facts: dict[str, Fact] = {"line": odd.line, "given": odd.given[:80]}
        facts["limit"] = _YAML_LIMITS.get(odd.rule, 0)
        raise InvalidForm(Fault(pointer, odd.rule, facts)) from None


_YAML_LIMITS = {"too-deep": LIMITS.depth, "too-many-values": LIMITS.nodes}


def packed(draft: CheckDraft) -> str:
    """A checked draft as a page carries it, byte for byte; its number is a field of its own."""
    unnumbered = msgspec.structs.replace(draft, version=None)
    return base64.b64encode(msgspec.json.encode(unnumbered)).decode()


def unpacked(text: str) -> CheckDraft:
    """The draft that a page carried."""
    try:
        return msgspec.json.decode(base64.b64decode(text, validate=True), type=CheckDraft)
    except ValueError:
        raise Malformed(Fault("", "form-broken")) from None


def confirm_form(place: Place, about: Publishing, check: Check, given: Given) -> Form:
    """The number of the version, beside what was found; why what is undecided breaks nothing."""
    t = place.t
    return Form(
        heading=t("Version veröffentlichen", "Publish the version"),
        lead=about.name,
        button=t("Jetzt veröffentlichen", "Publish now"),
        back=f"{about.path}/veroeffentlichen",
        crumbs=((t("Dienste", "Services"), "/dienste"), (about.name, about.path)),
        fields=(
            *reason_fields(place, check, given),
            _number(place, required=True),
            Field(name=DRAFT, label="", kind="hidden"),
        ),
        places=_PLACES,
        template="publish.html",
        facts={"check": check},
    )
