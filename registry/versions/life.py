"""The life of a version after its release: deprecation and revocation, as headers; pure."""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from registry.db import LEGAL_TIME
from registry.versions.model import Version


def life_headers(version: Version) -> dict[str, str]:
    """`Deprecation` (RFC 9745), `Sunset` (RFC 8594), and links to neighbours (RFC 5829)."""
    ends = [end.since for end in (version.deprecation, version.revocation) if end]
    headers = {"Link": ", ".join(_links(version))}
    if ends:
        headers["Deprecation"] = f"@{int(_midnight(min(ends)).timestamp())}"
    if version.deprecation and version.deprecation.sunset:
        sunset = _midnight(version.deprecation.sunset).astimezone(UTC)
        headers["Sunset"] = format_datetime(sunset, usegmt=True)
    return headers


def _links(version: Version) -> list[str]:
    versions = version.href.rpartition("/")[0]
    successor = version.deprecation.successor if version.deprecation else None
    targets = {
        "predecessor-version": version.previous,
        "successor-version": successor or version.next,
        "latest-version": version.latest,
    }
    links = [f'<{versions}>; rel="version-history"']
    links += [f'<{versions}/{number}>; rel="{rel}"' for rel, number in targets.items() if number]
    if version.deprecation or version.revocation:
        links.append(f'<{version.href}>; rel="deprecation"')
    if version.deprecation and version.deprecation.sunset:
        links.append(f'<{version.href}>; rel="sunset"')
    return links


def _midnight(day: date) -> datetime:
    """When a legal day begins in Germany."""
    return datetime.combine(day, time(), LEGAL_TIME)
