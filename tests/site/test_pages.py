"""Every page over the real data: landmarks, one h1, links that lead somewhere, both languages."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from tests.client import ApiClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


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


async def services(client: ApiClient) -> list[str]:
    answer = (await client.get("/v1/services?limit=200")).json()
    return [item["slug"] for item in answer["items"]]


async def test_pages_are_sound_and_links_lead_somewhere(loaded: ApiClient) -> None:
    paths = ["/", "/dienste", "/dienste?q=gibtesnichtxyz", "/dienste?reused_within=05"]
    paths += [f"/dienste/{slug}" for slug in ("fit-connect", *(await services(loaded))[:5])]
    links: set[str] = set()
    for path in paths:
        for address in (path, f"/en{path}".rstrip("/")):
            answer = await loaded.get(address, headers=BROWSER)
            assert answer.status_code == 200, (address, answer.text[:2000])
            assert "unsafe" not in answer.headers["content-security-policy"]
            outline = Outline(answer.text)
            assert outline.tags.count("h1") == outline.tags.count("main") == 1
            assert "script" not in outline.tags
            assert len(outline.ids) == len(set(outline.ids)), address
            anchors = {link[1:] for link in outline.links if link.startswith("#")}
            assert anchors <= set(outline.ids), address
            links |= {link.partition("#")[0] for link in outline.links if link.startswith("/")}
    assert len(links) > 40
    kinds: dict[str, list[str]] = {}
    for link in sorted(links):
        kinds.setdefault("/".join(urlsplit(link).path.split("/")[:3]), []).append(link)
    for some in kinds.values():
        for link in some[:4]:
            answer = await loaded.get(link, headers=BROWSER)
            assert answer.status_code in (200, 303), (link, answer.text[:300])


async def test_a_page_leads_to_its_data_and_a_failure_is_readable(loaded: ApiClient) -> None:
    slug = (await services(loaded))[0]
    data = await loaded.get(
        f"/dienste/{slug}?as_of=2024-01-01", headers={"Accept": "application/json"}
    )
    assert data.status_code == 303
    assert data.headers["location"] == f"/v1/services/{slug}?as_of=2024-01-01"
    missing = await loaded.get("/dienste/gibt-es-nicht", headers=BROWSER)
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("text/html")
    assert Outline(missing.text).tags.count("h1") == 1
    problem = await loaded.get("/v1/services/gibt-es-nicht", headers=BROWSER)
    assert problem.headers["content-type"] == "application/problem+json"


async def test_static_files_are_kept_for_ever(loaded: ApiClient) -> None:
    start = Outline((await loaded.get("/", headers=BROWSER)).text)
    sheets = [link for link in start.links if link.endswith(".css")]
    assert len(sheets) == 2
    for sheet in sheets:
        answer = await loaded.get(sheet)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/css")
    assert (await loaded.get(sheets[0].replace("/static/", "/static/0"))).status_code == 404
