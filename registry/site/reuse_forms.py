"""The forms of a reuse: its first step, a further one, and what is asked before it ends; pure."""

from collections.abc import Sequence

from registry.reuse.model import CLOSED_STAGES, FIRST_STAGES, STAGES, Stage
from registry.site.forms import Field, Form, Given, Question
from registry.site.rendering import Place
from registry.web.tables import Column, day_of

_BACK_ENDS = ("form", "specialist_system", "end_to_end")
_EVIDENCE = ("statement", "contract", "document")
_PLACES = {"step-not-allowed": "stage", "reuse-exists": "organisation"}


def start_form(
    place: Place,
    slug: str,
    name: str,
    versions: Sequence[str],
    bodies: Sequence[tuple[str, str]] = (),
) -> Form:
    """A body begins to reuse a service; `bodies` are those the form proposes."""
    t = place.t
    body = Field(
        name="organisation",
        label=t("Stelle, die nachnutzt", "Body that reuses"),
        hint=t(
            "Regionalschlüssel oder Kurzname. Ändern Sie ihn nur, wenn Sie für eine andere Stelle "
            "eintragen, für die Sie handeln dürfen.",
            "Regional key or short name. Change it only to record for another body that you may "
            "act for.",
        ),
        required=True,
        suggestions=bodies if len(bodies) > 1 else (),
    )
    stages: list[Stage] = [stage for stage in STAGES if stage in FIRST_STAGES]
    return Form(
        heading=t("Nachnutzung eintragen", "Record a reuse"),
        lead=name,
        button=t("Eintragen", "Record"),
        back=f"/dienste/{slug}",
        crumbs=((t("Dienste", "Services"), "/dienste"), (name, f"/dienste/{slug}")),
        fields=(body, *_step_fields(place, stages, versions, t("nicht bekannt", "not known"))),
        places=_PLACES,
    )


def step_form(place: Place, path: str, title: str, versions: Sequence[str]) -> Form:
    """A reuse goes on: another stage, version, area or way of connecting from a day on."""
    t = place.t
    return Form(
        heading=t("Weiteren Schritt eintragen", "Record a further step"),
        lead=title,
        button=t("Eintragen", "Record"),
        back=path,
        crumbs=place.own_way((title, path)),
        fields=tuple(_step_fields(place, STAGES, versions, t("wie bisher", "as before"))),
        places=_PLACES,
    )


def _step_fields(
    place: Place, stages: Sequence[Stage], versions: Sequence[str], unsaid: str
) -> list[Field]:
    return [*_what_and_when(place, stages), *_details(place, versions, unsaid), *_proof(place)]


def _what_and_when(place: Place, stages: Sequence[Stage]) -> list[Field]:
    t = place.t
    bases = [
        ("since", t("Seit diesem Datum ist es so", "It has been so since this date")),
        (
            "observed",
            t(
                "An diesem Datum war es so; seit wann, ist nicht bekannt",
                "It was so on this date; since when is not known",
            ),
        ),
    ]
    return [
        Field(
            name="stage",
            label=t("Stufe", "Stage"),
            kind="choice",
            choices=[("", t("Bitte wählen", "Please choose")), *place.choices("stage", stages)],
            required=True,
        ),
        Field(
            name="date",
            label=t("Datum", "Date"),
            hint=t(
                "Ein Tag, ein Monat oder ein Jahr, zum Beispiel 01.03.2024, 03.2024 oder 2024. "
                "Bleibt das Feld leer, gilt die Stufe ab heute.",
                "A day, a month or a year, for example 2024-03-01, 2024-03 or 2024. If left empty, "
                "the stage holds from today.",
            ),
            read=day_of,
        ),
        Field(
            name="basis",
            label=t("Was das Datum sagt", "What the date says"),
            kind="radio",
            choices=bases,
            required=True,
        ),
    ]


def _details(place: Place, versions: Sequence[str], unsaid: str) -> list[Field]:
    t = place.t
    return [
        Field(
            name="version",
            label="Version",
            kind="choice",
            choices=[("", unsaid), *((number, number) for number in versions)],
        ),
        Field(
            name="back_end",
            label=t("Wie Anträge ankommen", "How applications arrive"),
            kind="choice",
            choices=[("", unsaid), *place.choices("back_end", _BACK_ENDS)],
        ),
        Field(
            name="area",
            label=t("Gebiet", "Area"),
            hint=t(
                "Nur wenn es nicht das ganze Gebiet der Stelle ist: Regionalschlüssel, durch "
                "Leerzeichen getrennt.",
                "Only if it is not the whole territory of the body: regional keys, parted by "
                "blanks.",
            ),
            read=str.split,
        ),
    ]


def _proof(place: Place) -> list[Field]:
    t = place.t
    return [
        Field(
            name="evidence.kind",
            label=t("Nachweis", "Evidence"),
            kind="choice",
            choices=[("", t("keiner", "none")), *place.choices("evidence", _EVIDENCE)],
        ),
        Field(
            name="evidence.reference",
            label=t("Fundstelle des Nachweises", "Where the evidence is found"),
            hint=t(
                "Aktenzeichen, Vertragsnummer oder Internetadresse.",
                "File number, number of the contract or web address.",
            ),
        ),
        Field(name="note", label=t("Anmerkung", "Note"), kind="long"),
    ]


def asks_before_the_end(place: Place, given: Given) -> Question | None:
    """What is asked before a reuse ends, is refused or given up."""
    t = place.t
    stage = (given.get("stage") or [""])[0]
    if stage not in CLOSED_STAGES:
        return None
    word = place.word("stage", stage)
    return Question(
        heading=t(f"Wirklich „{word}“ eintragen?", f"Really record “{word}”?"),
        text=t(
            "Die Nachnutzung zählt ab dem genannten Datum nicht mehr. Was eingetragen ist, bleibt "
            "im Protokoll; es lässt sich nur durch einen neuen Eintrag berichtigen.",
            "From the date given the reuse no longer counts. What is recorded stays in the log; it "
            "can only be corrected by a new entry.",
        ),
        button=t(f"Ja, „{word}“ eintragen", f"Yes, record “{word}”"),
    )


def columns(place: Place, known: Sequence[Column]) -> list[tuple[str, bool, str]]:
    """The columns of a file of reuses: a header, whether it must be there, what its cells hold."""
    told = _columns(place)
    return [(_header(place, one), one.required, told[one.field]) for one in known]


def _header(place: Place, column: Column) -> str:
    """The header by which people of this language know a column."""
    if place.language == "en" or column.field in ("basis", "version"):
        return column.field
    return next(name for name in column.headers if not name.startswith("evidence"))


def _columns(place: Place) -> dict[str, str]:
    t = place.t

    def one_of(kind: str, codes: Sequence[str]) -> str:
        return ", ".join(f"{code} ({word})" for code, word in place.choices(kind, codes))

    return {
        "organisation": t("Regionalschlüssel oder Kurzname", "regional key or short name"),
        "service": t("Kurzname des Dienstes aus seiner Adresse", "short name of the service"),
        "stage": one_of("stage", STAGES),
        "date": t("Tag, Monat oder Jahr; leer: ab heute", "day, month or year; empty: from today"),
        "basis": t(
            "since (seit diesem Datum) oder observed (an diesem Datum so festgestellt)",
            "since (since this date) or observed (seen so on this date)",
        ),
        "version": t("Nummer der Version", "number of the version"),
        "area": t(
            "Regionalschlüssel, durch Leerzeichen getrennt; leer: das ganze Gebiet der Stelle",
            "regional keys, parted by blanks; empty: the whole territory of the body",
        ),
        "back_end": one_of("back_end", _BACK_ENDS),
        "evidence.kind": one_of("evidence", _EVIDENCE),
        "evidence.reference": t("Aktenzeichen oder Internetadresse", "file number or web address"),
        "evidence.sha256": t("Prüfsumme des Dokuments", "SHA-256 of the document"),
        "note": t("Anmerkung", "note"),
        "reuse": t(
            "Nummer der Nachnutzung, wenn die Zeile ein weiterer Schritt ist",
            "number of the reuse, where the line is a further step",
        ),
    }


def form_about_step(place: Place, verb: str, path: str, title: str) -> Form:
    """A step is taken out, confirmed or disputed; to confirm takes no words."""
    t = place.t
    headings = {
        "streichen": t("Schritt streichen", "Take a step out"),
        "bestaetigen": t("Eintrag bestätigen", "Confirm an entry"),
        "bestreiten": t("Eintrag bestreiten", "Dispute an entry"),
    }
    reason = Field(name="reason", label=t("Grund", "Reason"), kind="long", required=True)
    return Form(
        heading=headings[verb],
        lead=title,
        button=t("Weiter", "Continue"),
        back=path,
        crumbs=place.own_way((title, path)),
        fields=() if verb == "bestaetigen" else (reason,),
    )


def question_about_step(place: Place, verb: str, title: str) -> Question:
    """What is asked before that is recorded."""
    t = place.t
    texts = {
        "streichen": (
            t("Schritt wirklich streichen?", "Really take the step out?"),
            t(
                "Er gilt dann für keine Auskunft mehr, bleibt aber als gestrichen stehen, mit dem "
                "Grund. Zurücknehmen lässt sich das nicht, nur neu eintragen.",
                "It then counts for no answer any more, but stays, marked as taken out, with the "
                "reason. That cannot be taken back, only recorded anew.",
            ),
            t("Ja, streichen", "Yes, take out"),
        ),
        "bestaetigen": (
            t("Stimmt dieser Eintrag?", "Is this entry right?"),
            t(
                "Eine andere Stelle hat ihn für Ihre eingetragen. Ihre Bestätigung ist öffentlich.",
                "Another body recorded it for yours. Your confirmation is public.",
            ),
            t("Ja, bestätigen", "Yes, confirm"),
        ),
        "bestreiten": (
            t("Eintrag wirklich bestreiten?", "Really dispute the entry?"),
            t(
                "Er wird als bestritten gezeigt, mit Ihrem Grund, bis ihn streicht, wer ihn "
                "eingetragen hat.",
                "It is shown as disputed, with your reason, until its recorder takes it out.",
            ),
            t("Ja, bestreiten", "Yes, dispute"),
        ),
    }
    heading, text, button = texts[verb]
    return Question(heading=heading, text=f"{title}. {text}", button=button)
