"""What codes are called on pages, and where the Länder stand in the tile grid."""

from registry.web.language import Language

LAENDER = {
    "08": ("BW", "Baden-Württemberg"),
    "09": ("BY", "Bayern"),
    "11": ("BE", "Berlin"),
    "12": ("BB", "Brandenburg"),
    "04": ("HB", "Bremen"),
    "02": ("HH", "Hamburg"),
    "06": ("HE", "Hessen"),
    "13": ("MV", "Mecklenburg-Vorpommern"),
    "03": ("NI", "Niedersachsen"),
    "05": ("NW", "Nordrhein-Westfalen"),
    "07": ("RP", "Rheinland-Pfalz"),
    "10": ("SL", "Saarland"),
    "14": ("SN", "Sachsen"),
    "15": ("ST", "Sachsen-Anhalt"),
    "01": ("SH", "Schleswig-Holstein"),
    "16": ("TH", "Thüringen"),
}

# Column and row: neighbours stay neighbours, and a city state is as large as Bavaria.
TILES = {
    "01": (2, 0), "13": (3, 0), "04": (1, 1), "02": (2, 1), "12": (3, 1), "11": (4, 1),
    "03": (1, 2), "15": (2, 2), "14": (3, 2), "05": (0, 2), "06": (1, 3), "16": (2, 3),
    "07": (0, 3), "10": (0, 4), "08": (1, 4), "09": (2, 4),
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
    "state": {
        "active": ("aktiv", "active"),
        "deprecated": ("abgekündigt", "deprecated"),
        "revoked": ("zurückgezogen", "revoked"),
    },
    "bump": {
        "major": ("inkompatibel", "breaking"),
        "minor": ("Erweiterung", "extension"),
        "patch": ("Korrektur", "correction"),
        "none": ("unverändert", "unchanged"),
    },
    "direction": {
        "accepts": ("nimmt an", "accepts"),
        "emits": ("gibt aus", "emits"),
        "exchanges": ("tauscht aus", "exchanges"),
    },
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
