"""Every page over the real data: landmarks, one h1, links that lead somewhere, both languages."""

import csv
import importlib
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from registry.compatibility.rules import rules
from tests.client import ApiClient
from tests.site.every_page import not_html

# The reference algorithm of the HTML standard, which brings no types.
CHECKER: Any = importlib.import_module("tinyhtml5.parser")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGES = (
    "/",
    "/dienste",
    "/dienste?q=gibtesnichtxyz",
    "/dienste?reused_within=05&theme=&q=",
    "/dienste/fit-connect",
    "/dienste/digitale-baugenehmigung?as_of=2023-12-31",
    "/dienste/demo-hundesteuer",
    "/dienste/fit-connect/2.1.0",
    "/dienste/fit-connect/vergleich?from=1.0.0&to=2.1.0",
    "/stellen",
    "/stellen?q=hamburg&level=&within=",
    "/stellen?q=gibtesnichtxyz",
    "/stellen/01",
    "/stellen/01051040",
    "/stellen/it-planungsrat",
    "/stellen/99011",
    "/leistungen?q=wohngeld",
    "/leistungen/10092",
    "/leistungen/99107023000000",
    "/vereinbarungen",
    "/vereinbarungen?kind=reuse&within=03",
    "/vereinbarungen/dachabkommen",
    "/vereinbarungen/demo-abkommen",
    "/nachnutzungen",
    "/nachnutzungen?service=digitale-baugenehmigung&reported=true&stage=",
    "/auswertung",
    "/auswertung?as_of=2023-12-31&known_at=",
    "/auswertung?known_at=200",
    "/auswertung?service=digitale-baugenehmigung&within=03",
    "/auswertung?demo=true&within=99",
    "/auswertung?as_of=1990-01-01",
    "/auswertung/kosten",
    "/auswertung/kosten?service=wohngeld-sh&amount_eur=100000&charged_year=2026",
    "/aenderungen",
    "/aenderungen?about=all&before=40",
    "/regeln",
    "/regeln/EFA-REQ-01",
    "/probleme/not-yours",
    "/barrierefreiheit",
    "/barriere-melden",
    "/leichte-sprache",
    "/datenschutz",
    "/impressum",
    "/quellen",
)


class Outline(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        assert not given.keys() & {"style", "onclick"}


def mistakes(text: str) -> list[object]:
    """What the parsing algorithm of HTML calls an error."""
    parser = CHECKER.HTMLParser()
    parser.parse(text)
    return list(parser.errors)


def test_the_validator_finds_what_no_parser_minds() -> None:
    page = "<!DOCTYPE html><html lang='de'><head><title>x</title></head><body>{}</body></html>"
    wrong = ("<span><ul><li>a</li></ul></span>", "<label for='b'>a</label>", "<p id=''>a</p>")
    found = not_html({str(at): page.format(text) for at, text in enumerate(wrong)})
    assert {line.partition(":")[0] for line in found} == {"0", "1", "2"}
    assert mistakes(page.format(wrong[0])) == []


async def test_pages_are_sound_and_links_lead_somewhere(shown: ApiClient) -> None:
    links: set[str] = set()
    texts: dict[str, str] = {}
    for path in PAGES:
        for address in (path, f"/en{path}".rstrip("/")) if "?" not in path else (path,):
            answer = await shown.get(address, headers=BROWSER)
            assert answer.status_code == 200, (address, answer.text[:2000])
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert address.startswith("/en") or mistakes(answer.text) == [], address
            texts[address] = answer.text
            outline = Outline(answer.text)
            assert outline.tags.count("h1") == outline.tags.count("main") == 1
            assert "script" not in outline.tags
            assert len(outline.ids) == len(set(outline.ids)), address
            anchors = {link[1:] for link in outline.links if link.startswith("#")}
            assert anchors <= set(outline.ids), address
            links |= {link.partition("#")[0] for link in outline.links if link.startswith("/")}
    assert not_html(texts) == []
    assert len(links) > 400
    for link in {shape(link): link for link in sorted(links)}.values():
        answer = await shown.get(link, headers=BROWSER)
        if answer.status_code == 303:
            answer = await shown.get(answer.headers["location"])
        assert answer.status_code == 200, (link, answer.text[:300])


def shape(link: str) -> tuple[object, ...]:
    """What links of one kind share: where they begin, how deep they lead, what they ask."""
    parts = urlsplit(link)
    steps = parts.path.split("/")
    asked = tuple(pair.partition("=")[0] for pair in parts.query.split("&"))
    kind = steps[1:3] if steps[1] in ("v1", "en") else steps[1:2]
    return *kind, len(steps), steps[-1].rpartition(".")[2] if "." in steps[-1] else "", asked


@pytest.mark.parametrize("asked", ["", "?from=1.0.0", "?to=1.3.0"])
async def test_without_two_versions_there_is_a_choice(shown: ApiClient, asked: str) -> None:
    for path, words in (("", "Wählen Sie zwei Versionen"), ("/en", "Choose two versions")):
        answer = await shown.get(f"{path}/dienste/eu-dcc/vergleich{asked}", headers=BROWSER)
        assert (answer.status_code, words in answer.text) == (200, True)
        (chosen, _, number) = asked.removeprefix("?").partition("=")
        if chosen:
            select = answer.text.split(f'name="{chosen}"')[1].split("</select>")[0]
            assert f"<option selected>{number}<" in select
    none = await shown.get("/dienste/wohngeld-sh/vergleich", headers=BROWSER)
    assert "noch keine Version veröffentlicht" in none.text
    assert "<select" not in none.text


@pytest.mark.parametrize(
    ("path", "count", "why"),
    [
        ("", "4 Hinweise", "wer sie liest, rechnet nicht damit"),
        ("/en", "4 remarks", "whoever reads them does not expect it"),
    ],
)
async def test_a_comparison_shows_remarks_folded_and_says_what_breaks(
    shown: ApiClient, path: str, count: str, why: str
) -> None:
    of_two = f"{path}/dienste/eu-dcc/vergleich?from="
    patch = (await shown.get(f"{of_two}1.3.0&to=1.3.1", headers=BROWSER)).text
    folded = patch.split(f"<summary>{count}</summary>")[1].split("</details>")[0]
    assert folded.count("/regeln/EFA-ANN-") == 4
    major = (await shown.get(f"{of_two}1.0.0&to=1.3.0", headers=BROWSER)).text
    assert (why in major, why in patch) == (True, False)


async def test_the_page_of_a_rule_says_for_which_direction_it_holds(shown: ApiClient) -> None:
    for path, words in (("", "Wo er sie ausgibt (emits)"), ("/en", "Where it emits them (emits)")):
        answer = await shown.get(f"{path}/regeln/EFA-STR-04", headers=BROWSER)
        assert words in answer.text
        assert "emits" not in (await shown.get(f"{path}/regeln/EFA-ANN-01", headers=BROWSER)).text


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("/", "/v1"),
        ("/en", "/v1"),
        ("/dienste?theme=&q=wohngeld", "/v1/services?q=wohngeld"),
        ("/dienste/eu-dcc?as_of=2024-01-01", "/v1/services/eu-dcc?as_of=2024-01-01"),
        ("/dienste/eu-dcc/1.3.0", "/v1/services/eu-dcc/versions/1.3.0"),
        (
            "/en/dienste/eu-dcc/vergleich?from=1.3.0&to=1.3.1",
            "/v1/services/eu-dcc/comparison?from=1.3.0&to=1.3.1",
        ),
        ("/stellen/01", "/v1/organisations/01"),
        ("/leistungen/10092", "/v1/procedures/10092"),
        ("/vereinbarungen/dachabkommen", "/v1/agreements/dachabkommen"),
        ("/nachnutzungen?reported=true&stage=", "/v1/reuses?reported=true"),
        ("/auswertung?within=&as_of=2023-12-31", "/v1/reports/coverage?as_of=2023-12-31"),
        ("/aenderungen?about=reuse&before=9", "/v1/events"),
        ("/regeln/EFA-REQ-01", "/rules/EFA-REQ-01"),
        ("/probleme/not-yours", "/problems/not-yours"),
    ],
)
async def test_a_page_leads_to_its_data(shown: ApiClient, page: str, data: str) -> None:
    asked = await shown.get(page, headers={"Accept": "application/json"})
    assert (asked.status_code, asked.headers["location"]) == (303, data)
    assert "Accept" in asked.headers["vary"]
    path, _, query = page.partition("?")
    if path not in ("/", "/en"):
        suffixed = await shown.get(f"{path}.json?{query}", headers=BROWSER)
        assert (suffixed.status_code, suffixed.headers["location"]) == (303, data)
    assert (await shown.get(data)).status_code == 200


async def test_the_evaluation_is_a_table_as_well(shown: ApiClient) -> None:
    answer = await shown.get("/auswertung.csv?service=eu-dcc&within=")
    assert answer.headers["location"] == "/v1/reports/coverage.csv?service=eu-dcc"
    assert (await shown.get("/aenderungen.csv", headers=BROWSER)).status_code == 404


@pytest.mark.parametrize(
    ("address", "column", "german"),
    [
        ("/dienste.csv?reused_within=05&theme=", "slug", "Kurzname"),
        ("/stellen.csv?q=hamburg", "key", "Schlüssel"),
        ("/leistungen.csv?q=wohngeld", "key", "Schlüssel"),
        ("/vereinbarungen.csv?kind=", "slug", "Kurzname"),
        (
            "/nachnutzungen.csv?within=08&as_of=2024-06-30&known_at=400",
            "organisation",
            "Regionalschlüssel",
        ),
    ],
)
async def test_every_list_is_a_table_with_the_same_filters(
    shown: ApiClient, address: str, column: str, german: str
) -> None:
    """As a German spreadsheet opens it; what a page shows is in it."""
    rows = await table(shown, address)
    assert all(row["Stichtag"] for row in rows)
    english = await table(shown, f"/en{address}")
    assert [row[column] for row in english] == [row[german] for row in rows]
    for at in (address, f"/en{address}"):
        page = await shown.get(at.replace(".csv", ""), headers=BROWSER)
        assert f'href="{at.replace("&", "&amp;")}"' in page.text
    wanted = await shown.get(address.replace(".csv", ""), headers={"Accept": "text/csv"})
    assert wanted.content == (await shown.get(address)).content
    linked = [one for one in Outline(page.text).links if one.startswith("/")]
    keys = {key.strip('="') for key in (row[german] for row in rows)}
    assert any(f"/{key}" in link for key in keys for link in linked), keys


async def table(shown: ApiClient, address: str) -> list[dict[str, str]]:
    answer = await shown.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert rows
    return rows


async def test_a_german_table_has_words_and_the_codes_beside_them(shown: ApiClient) -> None:
    asked = ".csv?service=digitale-baugenehmigung"
    rows = await table(shown, f"/nachnutzungen{asked}")
    english = await table(shown, f"/en/nachnutzungen{asked}")
    assert {(row["Stufe"], row["Stufe (Code)"]) for row in rows} > {("in Betrieb", "live")}
    assert [row["Stufe (Code)"] for row in rows] == [row["stage"] for row in english]
    assert {row["Eigene Nutzung"] for row in rows} == {"ja", "nein"}


async def test_a_day_of_the_form_is_the_end_of_that_day_in_the_interface(shown: ApiClient) -> None:
    answer = await shown.get("/stellen/01.json?known_at=2026-07-01")
    assert answer.headers["location"].endswith("known_at=2026-07-01T23%3A59%3A59.999999%2B02%3A00")


async def test_a_browser_reads_what_programs_get_as_data(shown: ApiClient) -> None:
    readers = BROWSER | {"Accept-Language": "en"}
    assert (await shown.get("/problems/not-yours", headers=readers)).headers["location"] == (
        "/en/probleme/not-yours"
    )
    assert (await shown.get("/rules", headers=BROWSER)).headers["location"] == "/regeln"
    assert (await shown.get("/rules/EFA-REQ-01")).json()["rule"] == "EFA-REQ-01"
    assert (await shown.get("/regeln/EFA-NO-99", headers=BROWSER)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "language", "page", "data"),
    [
        ("/rules/EFA-UNK-02", "de", "/regeln/EFA-UNK-02", None),
        ("/rules/EFA-UNK-02", "en", "/en/regeln/EFA-UNK-02", None),
        ("/en/rules/EFA-UNK-02", "de", "/en/regeln/EFA-UNK-02", "/rules/EFA-UNK-02"),
        ("/en/rules", "de", "/en/regeln", "/rules"),
        ("/en/problems/not-yours", "de", "/en/probleme/not-yours", "/problems/not-yours"),
    ],
)
async def test_an_address_of_data_leads_to_its_page_below_en_as_well(
    shown: ApiClient, asked: str, language: str, page: str, data: str | None
) -> None:
    answer = await shown.get(asked, headers=BROWSER | {"Accept-Language": language})
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert (await shown.get(page, headers=BROWSER)).status_code == 200
    assert (await shown.get(asked)).headers.get("location") == data


async def test_an_explanation_shows_code_as_code(shown: ApiClient) -> None:
    for name, rule in rules().items():
        if "`" in rule.en.remedy + (rule.en.unproven or ""):
            text = (await shown.get(f"/en/regeln/{name}", headers=BROWSER)).text
            assert ("`" in text, "<code>" in text) == (False, True), name
    text = (await shown.get("/probleme/not-authenticated", headers=BROWSER)).text
    assert "<code>Authorization: Bearer …</code>" in text


async def test_no_address_adds_a_header_or_leads_away(shown: ApiClient) -> None:
    answer = await shown.get("/stellen/x%0d%0aSet-Cookie:a=b.json")
    assert answer.status_code == 400 or "\n" not in answer.headers["location"]
    for path in ("/rules//foreign.example", "/dienste//foreign.example.json"):
        answer = await shown.get(path, headers=BROWSER)
        assert not answer.headers.get("location", "").startswith("//")


async def test_a_failure_is_readable(shown: ApiClient) -> None:
    for path, status in {
        "/dienste/gibt-es-nicht": 404,
        "/stellen/12345": 404,
        "/stellen/kein%20schluessel": 400,
        "/leistungen/1": 400,
        "/vereinbarungen/gibt-es-nicht": 404,
        "/auswertung?as_of=2023-02-31": 400,
        "/auswertung?known_at=1999-01-01": 404,
        "/nachnutzungen?unbekannt=1": 400,
    }.items():
        answer = await shown.get(path, headers=BROWSER)
        assert answer.status_code == status, path
        assert answer.headers["content-type"].startswith("text/html")
        assert Outline(answer.text).tags.count("h1") == 1
        told = answer.text.partition("<main")[2].partition("</main>")[0]
        assert (status == 404 and "/v1/" in told) is False, path
    foreigner = BROWSER | {"Accept-Language": "en"}
    german = await shown.get("/stellen/12345", headers=foreigner)
    english = await shown.get("/en/stellen/12345", headers=BROWSER)
    assert 'lang="de"' in german.text
    assert "Diese Stelle gibt es nicht" in german.text
    assert 'lang="en"' in english.text
    assert "There is no such body" in english.text
    problem = await shown.get("/v1/services/gibt-es-nicht", headers=BROWSER)
    assert problem.headers["content-type"] == "application/problem+json"
    foreign = await shown.get("/en//evil.example/x", headers=BROWSER)
    assert (foreign.status_code, 'href="//' in foreign.text) == (404, False)


async def test_names_are_text_wherever_they_are_shown(shown: ApiClient) -> None:
    hostile = "%3Cimg%20src%3Dx%3E%22%27"
    for path in (f"/dienste?q={hostile}", f"/stellen?q={hostile}", f"/leistungen?q={hostile}"):
        text = (await shown.get(path, headers=BROWSER)).text
        assert "<img" not in text
        assert "&lt;img src=x&gt;" in text


async def test_only_what_is_reported_is_listed_when_asked(shown: ApiClient) -> None:
    counts = (await shown.get("/v1/reuses?limit=1")).json()["counts"]
    reported = (await shown.get("/v1/reuses?reported=true&limit=200")).json()
    assert len(reported["items"]) == counts["reported"] == reported["total"] > 100
    assert {item["contract"] for item in reported["items"]} == {"not_recorded"}
    first = (await shown.get("/v1/reuses?reported=true&limit=3")).json()
    second = (await shown.get(first["next"])).json()
    assert [*first["items"], *second["items"]] == reported["items"][:6]
    known = await shown.get("/v1/reuses?reported=true&limit=200&known_at=400")
    assert 0 < len(known.json()["items"]) < counts["reported"]


async def test_static_files_are_kept_for_ever(shown: ApiClient) -> None:
    start = Outline((await shown.get("/", headers=BROWSER)).text)
    sheets = [link for link in start.links if link.endswith(".css")]
    assert len(sheets) == 2
    for sheet in sheets:
        answer = await shown.get(sheet)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/css")
    assert (await shown.get(sheets[0].replace("/static/", "/static/0"))).status_code == 404
