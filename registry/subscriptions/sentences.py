"""What an event says: in words, and in one line for the titles of feeds and the lines of mails."""

from collections.abc import Mapping

from registry.audit.model import Event
from registry.subscriptions.model import topic_of
from registry.web.language import Language

Words = tuple[str, str]
"""German and English."""

_SAYS: Mapping[str, Words] = {
    "versions.publish": ("Version veröffentlicht", "Version published"),
    "versions.decide": ("Offener Vergleich entschieden", "Open comparison decided"),
    "impact.deprecate": ("Version abgekündigt", "Version deprecated"),
    "impact.revoke": ("Version zurückgezogen", "Version revoked"),
    "reuse.start": ("Nachnutzung verzeichnet", "Reuse recorded"),
    "reuse.take_over": ("Nachnutzung aus Quellen übernommen", "Reuse taken over from sources"),
    "reuse.step": ("Neuer Schritt einer Nachnutzung", "New step of a reuse"),
    "reuse.correct": ("Nachnutzung berichtigt", "Reuse corrected"),
    "reuse.void": ("Schritt einer Nachnutzung gestrichen", "Step of a reuse voided"),
    "reuse.confirm": ("Nachnutzung bestätigt", "Reuse confirmed"),
    "reuse.dispute": ("Nachnutzung bestritten", "Reuse disputed"),
    "reuse.note": ("Hinweis zu einer Nachnutzung", "Note on a reuse"),
    "reuse.record_figures": ("Gemeldete Zahlen verzeichnet", "Reported figures recorded"),
    "catalogue.put_service": (
        "Dienst verzeichnet oder berichtigt",
        "Service recorded or corrected",
    ),
    "catalogue.put_journey": ("Nutzerreise verzeichnet", "Journey recorded"),
    "catalogue.load_codelist": ("Codeliste geladen", "Codelist loaded"),
    "catalogue.load_procedures": ("Leistungen geladen", "Procedures loaded"),
    "organisations.load_register": ("Verzeichnis der Stellen geladen", "Register of bodies loaded"),
    "agreements.put_agreement": ("Vereinbarung verzeichnet", "Agreement recorded"),
    "agreements.put_accession": ("Beitritt verzeichnet", "Accession recorded"),
    "agreements.load_distribution_keys": ("Verteilungsschlüssel geladen", "Keys loaded"),
    "cli.record_load": ("Quelldatei geladen", "Source file loaded"),
    "usage.record": ("Fallzahlen verzeichnet", "Usage recorded"),
    "identity.put_delegation": ("Vertretung verzeichnet", "Delegation recorded"),
    "identity.end_delegation": ("Vertretung beendet", "Delegation ended"),
    "identity.put_sign_in_provider": ("Anmeldestelle verzeichnet", "Sign-in provider recorded"),
    "identity.end_sign_in_provider": ("Anmeldestelle beendet", "Sign-in provider ended"),
    "cli.erase": ("Angaben zu einer Person herausgenommen", "What is said of a person erased"),
    "cli.begin_origin": (
        "Protokoll unter neuem Namen fortgesetzt",
        "Log begun anew after a restore",
    ),
    "cli.write_log": ("Protokoll vollständig ausgegeben", "Log exported with all facts"),
    "cli.write_backup": ("Sicherung geschrieben", "Backup written"),
}


def says(action: str) -> Words:
    """What happened; an action that nobody has named says its name."""
    return _SAYS.get(action, (action, action))


def sentence(event: Event, language: Language, service: str | None = None) -> str:
    """What happened to what; `service` is that of a reuse, whose subject does not name it."""
    topic = topic_of(event.action, event.subject)
    about = " ".join(part for part in (topic.service or service, topic.version) if part)
    words = says(event.action)[1 if language == "en" else 0]
    return f"{about or event.subject}: {words}"
