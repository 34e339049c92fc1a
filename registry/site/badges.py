"""Badges: one line of label and value as SVG, for the pages of others. Pure."""

from html import escape
from typing import Literal

Tone = Literal["fine", "plain", "warn", "bad"]

# White text on each of these has a contrast of 4.5 at least (WCAG 2.2, 1.4.3).
_COLOURS: dict[Tone, str] = {
    "fine": "#1b6e3c",
    "plain": "#3d4f6b",
    "warn": "#8a5300",
    "bad": "#a4161a",
}
_LETTER = 7
_EDGE = 10


def badge(label: str, value: str, tone: Tone) -> bytes:
    """The badge; its text is the title for who does not see it."""
    left, right = (_EDGE * 2 + _LETTER * len(text) for text in (label, value))
    said = escape(f"{label}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{said}"><title>{said}</title>'
        f'<rect width="{left}" height="20" fill="#4a4a4a"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[tone]}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{_EDGE}" y="14" textLength="{left - 2 * _EDGE}">{escape(label)}</text>'
        f'<text x="{left + _EDGE}" y="14" textLength="{right - 2 * _EDGE}">{escape(value)}</text>'
        f"</g></svg>\n"
    ).encode()
