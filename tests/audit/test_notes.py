"""Signed notes and keys, held against their written form and against foreign implementations."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.audit.notes import BadKey, Checkpoint, Signer, Verifier, read_checkpoint

SEED = bytes(range(32))
NAME = "efa.example/log"
SIGNER = Signer(NAME, SEED)
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
ROOT = hashlib.sha256(b"root").digest()
CHECKPOINT = Checkpoint(NAME, 7, ROOT)


def test_a_key_is_written_as_c2sp_writes_it() -> None:
    """Signed-note: the hash is over name, newline, type 1 and key; four bytes of it are shown."""
    hashed = hashlib.sha256(f"{NAME}\n".encode() + b"\x01" + PUBLIC).hexdigest()[:8]
    public = base64.b64encode(b"\x01" + PUBLIC).decode()
    private = base64.b64encode(b"\x01" + SEED).decode()
    assert str(SIGNER.verifier) == f"{NAME}+{hashed}+{public}"
    assert SIGNER.verifier == Verifier(NAME, PUBLIC)
    assert SIGNER.line == f"PRIVATE+KEY+{NAME}+{hashed}+{private}"


def test_a_key_that_was_written_is_read() -> None:
    new = Signer.new(NAME)
    assert Signer.read(new.line) == new
    assert len(new.seed) == 32
    assert new.seed != Signer.new(NAME).seed


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "\x00", "\x1f", "x" * 201])
def test_a_name_that_no_note_can_carry_is_refused(name: str) -> None:
    with pytest.raises(BadKey) as refused:
        Signer.new(name)
    assert str(refused.value) == f"{name!r} is no name of a key: no blanks, no +"


@pytest.mark.parametrize("name", ["x", "x" * 200, "Prüfung/Ä"])
def test_a_name_may_be_of_any_letters(name: str) -> None:
    assert Signer.new(name).name == name


def _line(name: str, id_: str, key: bytes, prefix: str = "PRIVATE+KEY+") -> str:
    return f"{prefix}{name}+{id_}+{base64.b64encode(key).decode()}"


ID = SIGNER.verifier.id.hex()
NO_KEY = "a line is no signer's key"
NO_ED25519 = "a line is no Ed25519 signer's key"
NOT_TOGETHER = "the name and the key of a line do not belong together"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", NO_KEY),
        ("PRIVATE+KEY+a+b", NO_KEY),
        (f"PRIVATE+KEY+{NAME}+{ID}+*AAA", NO_KEY),
        (_line(NAME, ID, b"\x01" + SEED, prefix=""), NO_ED25519),
        (_line(NAME, ID, b"\x02" + SEED), NO_ED25519),
        (_line(NAME, ID, b"\x01" + SEED[:-1]), NO_ED25519),
        (_line(NAME, ID, b"\x01" + SEED + b"\x00"), NO_ED25519),
        (_line(NAME, "00000000", b"\x01" + SEED), NOT_TOGETHER),
        (_line("other", ID, b"\x01" + SEED), NOT_TOGETHER),
        (Signer("a b", SEED).line, NOT_TOGETHER),
    ],
)
def test_a_line_that_holds_no_key_is_refused(line: str, reason: str) -> None:
    with pytest.raises(BadKey) as refused:
        Signer.read(line)
    assert str(refused.value) == reason


def test_a_checkpoint_is_signed_as_c2sp_writes_it() -> None:
    """Tlog-checkpoint: origin, size, root; signed-note: a dash, the name, key id and signature."""
    text = f"{NAME}\n7\n{base64.b64encode(ROOT).decode()}\n"
    assert CHECKPOINT.text == text
    note = CHECKPOINT.signed([SIGNER])
    body, _, line = note.rpartition("\n\n")
    assert f"{body}\n" == text
    dash, name, encoded = line.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", NAME)
    signature = base64.b64decode(encoded)
    assert signature[:4] == SIGNER.verifier.id
    Ed25519PrivateKey.from_private_bytes(SEED).public_key().verify(signature[4:], text.encode())
    assert SIGNER.verifier.verifies(text, signature[4:])
    assert not SIGNER.verifier.verifies(text[:-1], signature[4:])
    assert not Signer.new(NAME).verifier.verifies(text, signature[4:])


def test_each_key_signs_and_a_seal_stands_behind_the_root() -> None:
    sealed = Checkpoint(NAME, 0, ROOT, "sealed 2026-01-01T00:00:00+00:00 after 0")
    signers = SIGNER, Signer.new(NAME)
    note = sealed.signed(signers)
    assert note == f"{sealed.text}\n" + "".join(one.sign(sealed.text) for one in signers)
    assert sealed.text.endswith("\nsealed 2026-01-01T00:00:00+00:00 after 0\n")
    assert read_checkpoint(note) == sealed
    assert read_checkpoint(CHECKPOINT.signed([SIGNER])) == CHECKPOINT


CODED = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "note",
    [
        "",
        f"{NAME}\n7\n{CODED}\n",
        f"{NAME}\n7\n\n— x y\n",
        f"{NAME}\n07\n{CODED}\n\n— x y\n",
        f"{NAME}\n-7\n{CODED}\n\n— x y\n",
        f"{NAME}\n 7\n{CODED}\n\n— x y\n",
        f"{NAME}\n{10**19}\n{CODED}\n\n— x y\n",
        f"{NAME}\n7\n{CODED[:-4]}\n\n— x y\n",
        f"{NAME}\n7\n*{CODED}\n\n— x y\n",
    ],
)
def test_a_note_that_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(ValueError, match=r"^no checkpoint$|^the root is not 32|base64|padding"):
        read_checkpoint(note)


def test_what_stands_behind_the_root_is_kept_line_by_line() -> None:
    note = f"{NAME}\n7\n{CODED}\none\n\ntwo\n\n— x y\n"
    assert read_checkpoint(note) == Checkpoint(NAME, 7, ROOT, "one\n\ntwo")


def test_the_greatest_size_of_a_log_is_read() -> None:
    note = f"{NAME}\n{10**19 - 1}\n{CODED}\n\n— x y\n"
    assert read_checkpoint(note).size == 10**19 - 1
