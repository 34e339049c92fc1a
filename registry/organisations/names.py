"""Names of public bodies: how they are written out, sorted (DIN 5007-1) and found."""

import re
import unicodedata

# NFKD leaves these letters whole.
_LETTERS = str.maketrans({"ß": "ss", "ẞ": "ss", "ł": "l", "Ł": "l", "ø": "o", "æ": "ae", "œ": "oe"})
_DIGRAPHS = {"ae": "a", "oe": "o", "ue": "u"}
_ABBREVIATIONS = {"St": "Stadt", "M": "Markt", "GKSt": "Große Kreisstadt"}
_UNINCORPORATED = re.compile(r"gemfr|gdefr|gemeindefr|gutsbez", re.IGNORECASE)
_TOWN = re.compile(r"stadt", re.IGNORECASE)

UNINCORPORATED = "Gemeindefreies Gebiet"


def official(name: str) -> str:
    """The name with the directory's abbreviated titles written out: "Rain, St" is "Rain, Stadt"."""
    head, *titles = (part.strip() for part in name.split(","))
    return ", ".join([head, *(_ABBREVIATIONS.get(title, title) for title in titles)])


def sort_key(name: str) -> str:
    """The key that sorts as DIN 5007-1 does (ä as a, ß as ss), when compared byte by byte."""
    return " ".join(_words(name))


def search_text(*texts: str) -> str:
    """The words of the texts, folded so that ä, ae and a are the same."""
    return " ".join(dict.fromkeys(_fold(word) for text in texts for word in _words(text)))


def search_query(text: str) -> str | None:
    """A text search query that finds bodies having, for every word, a word beginning with it.

    None where the text holds no letter and no digit.
    """
    words = [_fold(word) for word in _words(text)]
    return " & ".join(f"{word}:*" for word in words) or None


def kind_by_name(name: str) -> str:
    """The kind a municipality's own name tells."""
    if _UNINCORPORATED.search(name):
        return UNINCORPORATED
    titles = name.split(",")[1:]
    if any(_TOWN.search(title) for title in titles):
        return "Stadt"
    return "Markt" if any(title.strip() == "Markt" for title in titles) else "Gemeinde"


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).lower()
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return re.findall(r"[a-z0-9]+", letters)


def _fold(word: str) -> str:
    return re.sub("ae|oe|ue", lambda found: _DIGRAPHS[found[0]], word)
