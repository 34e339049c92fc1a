import pytest

from registry.organisations.names import (
    kind_by_name,
    official,
    search_query,
    search_text,
    sort_key,
)


def test_abbreviated_titles_are_written_out() -> None:
    assert official("Rain, St") == "Rain, Stadt"
    assert official("Floß, M") == "Floß, Markt"
    assert official("Erding, GKSt") == "Erding, Große Kreisstadt"
    assert official("Ueckermünde, Seebad , Stadt") == "Ueckermünde, Seebad, Stadt"
    assert official("St. Peter-Ording") == "St. Peter-Ording"


def test_names_sort_as_din_5007_wants() -> None:
    names = ["Zell", "Öhringen", "Ohrdruf", "Oelde", "Mußbach", "Musau", "Muster", "Ärzen", "Aach"]
    assert sorted(names, key=sort_key) == [
        "Aach",
        "Ärzen",
        "Musau",
        "Mußbach",
        "Muster",
        "Oelde",
        "Ohrdruf",
        "Öhringen",
        "Zell",
    ]


def test_letters_of_other_languages_sort_with_their_plain_form() -> None:
    assert sort_key("Straupitz (Spreewald)/Tšupc (Błota)") == "straupitz spreewald tsupc blota"


@pytest.mark.parametrize("asked", ["Mülheim", "muelheim", "MULHEIM", "mülh"])
def test_umlauts_are_found_however_they_are_written(asked: str) -> None:
    query = search_query(asked)
    assert query is not None
    prefix = query.removesuffix(":*")
    assert search_text("Mülheim an der Ruhr, Stadt").split()[0].startswith(prefix)


def test_the_beginning_of_a_name_is_always_found() -> None:
    for name in ("Neuenbürg", "Aerzen", "Bauerbach", "Boeslunde", "Weißenfels", "Oer-Erkenschwick"):
        words = search_text(name).split()
        for length in range(1, len(name) + 1):
            query = search_query(name[:length])
            assert query is not None
            asked = query.split(" & ")
            last = asked[-1].removesuffix(":*")
            assert any(word.startswith(last) for word in words), (name, name[:length])


def test_a_query_without_letters_asks_for_nothing() -> None:
    assert search_query("–, !") is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Kelheim, Stadt", "Stadt"),
        ("Bad Lauchstädt, Goethestadt", "Stadt"),
        ("Neustadt", "Gemeinde"),
        ("Floß, Markt", "Markt"),
        ("Marktheidenfeld", "Gemeinde"),
        ("Haßberge, 6 gemfr. Gebiete", "Gemeindefreies Gebiet"),
    ],
)
def test_the_kind_a_name_tells(name: str, kind: str) -> None:
    assert kind_by_name(name) == kind
