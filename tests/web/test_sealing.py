"""Values that callers keep for us: of one use, made here, and written one way only."""

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from registry.web.sealing import locked, same, sealed, unlocked, unsealed

SECRET = b"s" * 32
Make = Callable[[bytes, bytes, bytes], str]
Opened = Callable[[bytes, bytes, str], bytes | None]


@pytest.mark.parametrize("body", [b"", b"x", b"\x00\xff" * 40])
def test_what_was_sealed_or_locked_is_had_back(body: bytes) -> None:
    assert unsealed(SECRET, b"page", sealed(SECRET, b"page", body)) == body
    assert unlocked(SECRET, b"page", locked(SECRET, b"page", body)) == body


def test_a_seal_is_a_short_mac_before_the_body() -> None:
    """HMAC-SHA256 (RFC 2104) over use, zero byte and body, 16 bytes of it; RFC 4648, 5."""
    mac = hmac.new(SECRET, b"page\0body", hashlib.sha256).digest()[:16]
    text = sealed(SECRET, b"page", b"body")
    assert text == base64.urlsafe_b64encode(mac + b"body").decode().rstrip("=")


@pytest.mark.parametrize(("make", "opened"), [(sealed, unsealed), (locked, unlocked)])
def test_it_counts_for_its_use_and_secret_only(make: Make, opened: Opened) -> None:
    text = make(SECRET, b"page", b"body")
    assert opened(SECRET, b"pages", text) is None
    assert opened(b"t" * 32, b"page", text) is None
    for other in ("", "a", "ä" * 40, "A" * 16, "A" * 21, text[:-1]):
        assert opened(SECRET, b"page", other) is None
    for place in range(len(text)):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert opened(SECRET, b"page", changed) is None


def test_a_use_and_a_body_are_kept_apart() -> None:
    assert unsealed(SECRET, b"ab", sealed(SECRET, b"a", b"b")) is None


@pytest.mark.parametrize("spelt", ["{}=", "{}\n", " {}", "{}!"])
def test_another_spelling_is_none(spelt: str) -> None:
    assert unsealed(SECRET, b"page", spelt.format(sealed(SECRET, b"page", b"body!"))) is None
    assert unlocked(SECRET, b"page", spelt.format(locked(SECRET, b"page", b"body!"))) is None


def test_what_is_locked_is_not_to_be_read_and_never_the_same() -> None:
    first, second = (locked(SECRET, b"page", b"body" * 9) for _ in range(2))
    assert first != second
    raw = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))
    assert len(raw) == 12 + 36 + 16
    assert b"body" not in raw


def test_a_lock_has_a_key_of_its_use() -> None:
    """ChaCha20-Poly1305 (RFC 8439) under HMAC-SHA256 of `lock`, a zero byte and the use."""
    text = locked(SECRET, b"page", b"body")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    key = hmac.new(SECRET, b"lock\0page", hashlib.sha256).digest()
    assert ChaCha20Poly1305(key).decrypt(raw[:12], raw[12:], None) == b"body"


def test_a_body_of_any_length_is_read() -> None:
    for length in range(9):
        body = b"x" * length
        assert unsealed(SECRET, b"page", sealed(SECRET, b"page", body)) == body


def test_texts_are_compared_whole() -> None:
    assert same("abc", "abc")
    assert not same("abc", "abd")
    assert not same("abc", "abcd")
    assert not same("\udc80", "?x")
    assert same("ä", "ä")
