"""What codes are called on pages, and where the Länder stand in the tile grid; pure."""

from registry.web.language import Language

# Short name, column and row: neighbours stay neighbours, and a city state is as large as Bavaria.
TILES = {
    "01": ("SH", 2, 0), "13": ("MV", 3, 0), "04": ("HB", 1, 1), "02": ("HH", 2, 1),
    "12": ("BB", 3, 1), "11": ("BE", 4, 1), "03": ("NI", 1, 2), "15": ("ST", 2, 2),
    "14": ("SN", 3, 2), "05": ("NW", 0, 2), "06": ("HE", 1, 3), "16": ("TH", 2, 3),
    "07": ("RP", 0, 3), "10": ("SL", 0, 4), "08": ("BW", 1, 4), "09": ("BY", 2, 4),
}  # fmt: skip

_WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "stage": {
        "interest": ("Interesse", "interest"),
        "agreed": ("vereinbart", "agreed"),
        "contracted": ("unter Vertrag", "contracted"),
        "connecting": ("in Anbindung", "connecting"),
        "pilot": ("im Pilot", "pilot"),
        "live": ("in Betrieb", "in operation"),
        "suspended": ("ausgesetzt", "suspended"),
        "ended": ("beendet", "ended"),
        "rejected": ("abgelehnt", "rejected"),
        "withdrawn": ("zurückgezogen", "withdrawn"),
    },
    "type": {
        "number": ("eine Zahl", "a number"),
        "integer": ("eine ganze Zahl", "a whole number"),
        "string": ("ein Text", "a text"),
        "boolean": ("ja oder nein", "yes or no"),
        "array": ("eine Liste", "a list"),
        "object": ("ein Objekt", "an object"),
        "null": ("nichts", "nothing"),
    },
    "back_end": {
        "form": ("als Formular oder PDF", "as a form or PDF"),
        "specialist_system": ("im Fachverfahren", "in the specialist system"),
        "end_to_end": ("durchgehend bis zum Bescheid", "end to end, up to the decision"),
    },
    "evidence": {
        "statement": ("eigene Angabe", "own statement"),
        "contract": ("Vertrag", "contract"),
        "document": ("Dokument", "document"),
        "reported": ("öffentliche Meldung", "public report"),
    },
    "state": {
        "active": ("aktiv", "active"),
        "deprecated": ("abgekündigt", "deprecated"),
        "revoked": ("zurückgezogen", "revoked"),
    },
    "bump": {
        "major": ("unverträglich", "breaking"),
        "minor": ("Erweiterung", "extension"),
        "patch": ("Korrektur", "correction"),
        "none": ("unverändert", "unchanged"),
    },
    "direction": {
        "accepts": ("nimmt an", "accepts"),
        "emits": ("gibt aus", "emits"),
        "exchanges": ("tauscht aus", "exchanges"),
    },
    "role": {
        "lead": ("federführend", "leading"),
        "partner": ("beteiligt", "partner"),
        "party": ("Vertragspartei", "party"),
        "funder": ("fördert", "funder"),
        "builder": ("baut", "builder"),
        "provider": ("stellt bereit", "provider"),
        "customer": ("nutzt nach", "customer"),
        "bundler": ("bündelt", "bundler"),
        "decider": ("beschließt", "decider"),
    },
    "agreement": {
        "framework": ("Dachabkommen", "framework agreement"),
        "individual": ("Einzelvereinbarung", "individual agreement"),
        "administrative": ("Verwaltungsvereinbarung", "administrative agreement"),
        "provision": ("Bereitstellungsvertrag", "contract of provision"),
        "reuse": ("Nachnutzungsvertrag", "contract of reuse"),
        "onward": ("Weitergabe", "onward contract"),
        "decision": ("Beschluss", "decision"),
    },
    "agreement_status": {
        "upcoming": ("noch nicht geschlossen", "upcoming"),
        "concluded": ("geschlossen", "concluded"),
        "in_force": ("in Kraft", "in force"),
        "ended": ("beendet", "ended"),
        "undated": ("ohne Datum", "undated"),
    },
    "level": {
        "state": ("Land", "Land"),
        "region": ("Regierungsbezirk", "region"),
        "district": ("Kreis oder kreisfreie Stadt", "district"),
        "association": ("Gemeindeverband", "association"),
        "municipality": ("Gemeinde", "municipality"),
        "unincorporated": ("gemeindefreies Gebiet", "unincorporated area"),
        "part": ("Teil einer Gemeinde", "part of a municipality"),
    },
    "levels": {
        "state": ("Länder", "Länder"),
        "region": ("Regierungsbezirke", "regions"),
        "district": ("Kreise und kreisfreie Städte", "districts"),
        "association": ("Gemeindeverbände", "associations"),
        "municipality": ("Gemeinden", "municipalities"),
        "unincorporated": ("gemeindefreie Gebiete", "unincorporated areas"),
        "part": ("Teile von Gemeinden", "parts of municipalities"),
    },
    "succession": {
        "merger": ("Zusammenschluss", "merger"),
        "incorporation": ("Eingliederung", "incorporation"),
        "split": ("Aufteilung", "split"),
        "transfer": ("Umgliederung", "transfer"),
    },
    "procedure": {
        "leika": ("Leistung", "procedure"),
        "ozg": ("OZG-Leistung", "OZG bundle"),
        "unlisted": ("Leistung ohne Schlüssel", "procedure without a key"),
    },
    "severity": {
        "breaking": ("unverträglich", "breaking"),
        "unknown": ("unentschieden, zählt als unverträglich", "undecided, counts as breaking"),
        "compatible": ("verträglich", "compatible"),
        "remark": ("Hinweis", "remark"),
    },
    "about": {
        "versions": ("Versionen", "versions"),
        "reuse": ("Nachnutzungen", "reuses"),
        "services": ("Dienste", "services"),
        "agreements": ("Vereinbarungen", "agreements"),
        "usage": ("Fallzahlen", "usage"),
        "rights": ("Rechte", "rights"),
        "log": ("Protokoll", "log"),
        "reference": ("Stammdaten und Quellen", "reference data and sources"),
        "all": ("alles", "everything"),
    },
    "measure": {
        "applications": ("Anträge", "applications"),
        "applications_online": ("Anträge online", "applications online"),
        "applications_per_month": ("Anträge im Monat", "applications per month"),
        "authorities": ("Behörden", "authorities"),
        "authorities_connected": ("angeschlossene Behörden", "authorities connected"),
        "authorities_in_production": ("Behörden in Betrieb", "authorities in operation"),
        "authorities_in_rollout": ("Behörden im Rollout", "authorities in rollout"),
        "authorities_ready": ("bereite Behörden", "authorities ready"),
        "authorities_started": ("gestartete Behörden", "authorities started"),
        "authorities_total": ("Behörden insgesamt", "authorities in all"),
        "authorities_total_in_these_laender": (
            "Behörden in diesen Ländern",
            "authorities in these Länder",
        ),
        "authorities_with_digital_application": (
            "Behörden mit digitalem Antrag",
            "authorities with a digital application",
        ),
        "builder_municipality": ("bauende Kommune", "building municipality"),
        "digital_projects": ("digitale Vorhaben", "digital projects"),
        "funding_total": ("Fördermittel insgesamt (Euro)", "funding in all (euros)"),
        "funding_requested": ("beantragte Fördermittel (Euro)", "funding requested (euros)"),
        "inhabitants_reached": ("erreichte Einwohner", "inhabitants reached"),
        "laender": ("Länder", "Länder"),
        "laender_in_rollout": ("Länder im Rollout", "Länder in rollout"),
        "municipalities_connected": ("angeschlossene Kommunen", "municipalities connected"),
        "municipalities_funded": ("geförderte Kommunen", "municipalities funded"),
        "municipalities_planned": ("geplante Kommunen", "municipalities planned"),
        "municipalities_planning": ("planende Kommunen", "municipalities planning"),
        "municipalities_registered": ("angemeldete Kommunen", "municipalities registered"),
        "online_applications": ("Online-Anträge", "online applications"),
        "pilot_cities": ("Pilotstädte", "pilot cities"),
        "pilot_laender": ("Pilotländer", "pilot Länder"),
        "pilot_municipalities": ("Pilotkommunen", "pilot municipalities"),
        "pilot_municipalities_in_connection": (
            "Pilotkommunen in Anbindung",
            "pilot municipalities connecting",
        ),
        "rank_at_least_locally_available": (
            "Rang „mindestens irgendwo“",
            "rank “at least somewhere”",
        ),
        "services_at_least_locally_available": (
            "Dienste „mindestens irgendwo“",
            "services “at least somewhere”",
        ),
        "registration_authorities_connected": (
            "angeschlossene Meldebehörden",
            "registration authorities connected",
        ),
        "registration_authorities_total": (
            "Meldebehörden insgesamt",
            "registration authorities in all",
        ),
        "services": ("Dienste", "services"),
        "services_available": ("verfügbare Dienste", "services available"),
        "services_target": ("Ziel: Dienste", "target: services"),
        "started": ("Start", "start"),
        "telecom_companies": ("Telekommunikationsunternehmen", "telecom companies"),
        "users": ("Nutzende", "users"),
        "uses": ("Fälle", "uses"),
        "wohngeldstellen": ("Wohngeldstellen", "housing benefit offices"),
    },
    "cost_basis": {
        "koenigstein": ("Königsteiner Schlüssel", "Königsteiner Schlüssel"),
        "inhabitants": ("Einwohner", "inhabitants"),
        "equal": ("gleiche Teile", "equal parts"),
    },
    "year": {},
    "scope": {
        "read": ("lesen", "read"),
        "reuse": ("Nachnutzungen eintragen", "record reuses"),
        "usage": ("Fallzahlen melden", "report usage"),
        "agreements": ("Vereinbarungen eintragen", "record agreements"),
        "subscribe": ("abonnieren", "subscribe"),
        "publish": ("Versionen veröffentlichen", "publish versions"),
        "audit": ("prüfen", "audit"),
        "admin": ("verwalten", "administer"),
    },
    "subscription": {
        "active": ("läuft", "runs"),
        "unverified": ("wartet auf Bestätigung", "waits for confirmation"),
        "ended": ("beendet", "ended"),
    },
    "subscription_end": {
        "cancelled": ("von Ihnen", "by you"),
        "gone": ("die Adresse nimmt nichts mehr an", "the address takes nothing any more"),
        "unreachable": ("die Adresse war nicht zu erreichen", "the address was not reached"),
        "unverified": ("die Adresse hat nicht bestätigt", "the address did not confirm"),
    },
    "delivery": {
        "pending": ("wartet", "waiting"),
        "late": ("wird später versucht", "tried later"),
        "delivered": ("zugestellt", "delivered"),
        "dead": ("aufgegeben", "given up"),
        "readable": ("zu lesen", "to be read"),
    },
    "delivery_kind": {
        "event": ("Ereignis", "Event"),
        "handshake": ("Frage, ob die Adresse annimmt", "question whether the address takes it"),
        "test": ("Probe", "Test"),
    },
    "note": {"announced": ("Ankündigung", "Announcement"), "remark": ("Hinweis", "Remark")},
    "position": {"confirmed": ("bestätigt", "confirmed"), "disputed": ("bestritten", "disputed")},
    "facet": {
        "theme": ("Themenfeld", "Theme"),
        "builder": ("Bereitstellende Stelle", "Builder"),
        "reused_within": ("Nachgenutzt in", "Reused in"),
        "reused_by_states": ("Verbreitung", "Spread"),
        "has_versions": ("Versionen", "Versions"),
        "status": ("Stand", "Status"),
        "model": ("Betriebsmodell", "Operating model"),
        "portal": ("Portal", "Portal"),
    },
}


def word(kind: str, code: str | None, language: Language) -> str:
    """What a code is called; a code nobody has named is shown as it is."""
    if code is None:
        return "–"
    german, english = _WORDS[kind].get(code, (code, code))
    return english if language == "en" else german


def sentence(text: str) -> str:
    """A remark as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
