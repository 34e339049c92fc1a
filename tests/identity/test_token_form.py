"""The form of a token: what a secret scanner knows of it without asking anybody."""

import hashlib
import re
import string
import zlib

import pytest

from registry.identity.tokens import digest, new_token, well_formed

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
KNOWN = "efa_read_" + "0" * 30


def checksum(body: str) -> str:
    """CRC-32 in base 62, written out anew."""
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        digits, number = DIGITS[number % 62] + digits, number // 62
    return digits.rjust(6, "0")


def test_a_new_token_has_178_bits_and_a_checksum() -> None:
    tokens = {new_token("write") for _ in range(200)}
    assert len(tokens) == 200
    for token in tokens:
        assert re.fullmatch(r"efa_write_[0-9A-Za-z]{36}", token)
        assert token[-6:] == checksum(token[:-6])
        assert well_formed(token)
    drawn = "".join(token[10:-6] for token in tokens)
    assert set(drawn) == set(DIGITS)


def test_the_checksum_is_that_of_the_whole_token() -> None:
    assert well_formed(KNOWN + checksum(KNOWN))
    assert not well_formed(KNOWN + checksum(KNOWN[:-1]))
    other = KNOWN.replace("read", "write")
    assert not well_formed(other + checksum(KNOWN))


@pytest.mark.parametrize(
    "body",
    [
        "efa_read_" + "0" * 29,
        "efa_read_" + "0" * 31,
        "efa_Read_" + "0" * 30,
        "efa__" + "0" * 30,
        "xefa_read_" + "0" * 30,
        "efa_read_" + "0" * 29 + "-",
        "EFA_read_" + "0" * 30,
    ],
)
def test_what_has_another_form_is_none(body: str) -> None:
    assert not well_formed(body + checksum(body))
    assert not well_formed("")


def test_every_wrong_letter_is_noticed() -> None:
    token = new_token("admin")
    for place in range(len(token)):
        wrong = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
        assert not well_formed(wrong)
    assert not well_formed(token + "\n")


def test_what_is_stored_is_its_sha_256() -> None:
    assert digest("efa_x") == hashlib.sha256(b"efa_x").digest()
