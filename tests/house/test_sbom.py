"""`sbom.cdx.json` is of the packages that are locked, with all that BSI TR-03183-2 asks for."""

import json
import re
from pathlib import Path
from typing import Any

from packaging.markers import Marker

from tests.house.sbom import published_at

ROOT = Path(__file__).parents[2]
LOCKED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)(?: ; ([^\\]+))?", re.MULTILINE)
OUTDATED = "make it anew: ./dev sbom"
BOM: dict[str, Any] = json.loads((ROOT / "sbom.cdx.json").read_text())


def locked() -> dict[str, tuple[str, str]]:
    """By name, the version and the text of its hashes, of what is installed on Linux."""
    text = (ROOT / "requirements.lock").read_text()
    linux = {"sys_platform": "linux", "platform_system": "Linux"}
    found = list(LOCKED.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    return {
        one[1]: (one[2], text[one.start() : end])
        for one, end in zip(found, ends, strict=True)
        if not one[3] or Marker(one[3]).evaluate(linux)
    }


def test_it_names_what_is_locked_and_nothing_else() -> None:
    told = {part["name"]: part["version"] for part in BOM["components"]}
    assert told == {name: version for name, (version, _) in locked().items()}, OUTDATED
    assert len(told) > 40


def test_every_file_is_one_the_lock_allows() -> None:
    for part in BOM["components"]:
        hashes = {one["alg"]: one["content"] for one in part["hashes"]}
        assert f"sha256:{hashes['SHA-256']}" in locked()[part["name"]][1], (part["name"], OUTDATED)
        assert re.fullmatch("[0-9a-f]{128}", hashes["SHA-512"])


def test_the_fields_that_are_asked_for_are_there() -> None:
    """TR-03183-2 v2.1, sections 5.2.1 and 5.2.2; no vulnerabilities in it (3.1)."""
    assert (BOM["bomFormat"], BOM["specVersion"]) == ("CycloneDX", "1.6")
    assert BOM["metadata"]["timestamp"]
    for maker in (BOM["metadata"]["manufacturer"], BOM["metadata"]["component"]["manufacturer"]):
        # An address is told as soon as there is one, and none is made up before.
        assert maker.get("url", []) == [one for one in [published_at()] if one], OUTDATED
    assert "vulnerabilities" not in BOM
    for part in BOM["components"]:
        told = {one["name"]: one["value"] for one in part["properties"]}
        assert reachable(part["manufacturer"]), part["name"]
        assert all(one["expression"] for one in part["licenses"]), part["name"]
        assert part["licenses"], part["name"]
        assert part["purl"].startswith("pkg:pypi/")
        assert told["bsi:component:filename"].endswith(".whl")
        assert (told["bsi:component:executable"], told["bsi:component:archive"]) == (
            "executable", "archive",
        )  # fmt: skip
        assert told["bsi:component:structured"] == "structured"


def reachable(maker: dict[str, Any]) -> bool:
    mails = [one.get("email") for one in maker.get("contact", [])]
    return bool(maker.get("url") or any(mails))


def test_all_is_reached_from_the_program() -> None:
    needed = {one["ref"]: one.get("dependsOn", []) for one in BOM["dependencies"]}
    assert set(needed) == {"efa-registry", *(part["bom-ref"] for part in BOM["components"])}
    assert "pkg:pypi/cffi" in str(needed[next(ref for ref in needed if "cryptography" in ref)])
