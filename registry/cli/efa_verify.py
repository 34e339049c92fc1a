"""Checks what the log of an EfA registry signed, offline: `efa_verify.py FILE... --key KEY`.

A file is a receipt, a checkpoint (perhaps naming files signed along with it), a proof of
consistency, an export, or an answer with proof; several must agree. KEY is the public key of the
log (`name+hash+key`), from a source of your own. Exit codes: 0 all is right, 1 something does not
verify, 2 something cannot be read. It needs Python 3.11 and `cryptography`, and is a second
implementation of the formats (RFC 6962, C2SP) on purpose.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TEXTS = {
    "receipt": "Quittung: Ereignis {event}, Nr. {index}. | Receipt: event {event}, no. {index}.",
    "facts": "Die Angaben gehören dazu. | The facts belong to it.",
    "checkpoint": "Stand: {size} Einträge, {origin}. | Checkpoint: {size} entries, {origin}.",
    "named": "Dazu unterschrieben: {name}. | Signed along with it: {name}.",
    "export": "Auszug: {size} Einträge, {facts} Angaben. | Export: {size} entries, {facts} facts.",
    "waiting": "{count} noch ohne Nummer, unbewiesen. | {count} without a number yet, unproven.",
    "within": "Stand {new} setzt Stand {old} fort; das prüft nicht die Zahlen der Antwort."
    " | Size {new} continues size {old}; the figures of the answer are not checked by that.",
    "fine": "In Ordnung. | All is right.",
    "wrong": "NICHT in Ordnung: {what} | NOT right: {what}",
    "unreadable": "Nicht lesbar: {what} | Unreadable: {what}",
    "not-signed": "keine gültige Unterschrift ({origin}) | no valid signature ({origin})",
    "root": "die Wurzel ist eine andere (Stand {size}) | the root is another (size {size})",
    "leaf": "{field} ist anders (Ereignis {event}) | {field} is another (event {event})",
    "sealed": "Stand {size} wurde anders versiegelt | size {size} was sealed otherwise",
    "order": "Eintrag {index} fehlt hier | entry {index} is missing here",
    "content": "Inhalt verändert: {sha256} | content changed: {sha256}",
    "counts": "der Auszug ist unvollständig | the export is incomplete",
    "not-consistent": "Stand {new} setzt {old} nicht fort | size {new} does not continue {old}",
    "no-proof": "kein Nachweis von {old} zu {new} | no proof from {old} to {new}",
    "unlike": "{file} ist nicht vom Register oder fehlt | {file} is not the registry's or missing",
    "no-key": "{key} ist kein Schlüssel name+hash+key | {key} is no key name+hash+key",
}
LANGUAGES = ("de", "en")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
RECEIPT = re.compile(rf"c2sp.org/tlog-proof@v1\nextra (\S+)\nindex ({NUMBER.pattern})((?:\n\S+)*)")
SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")
NAMED = re.compile(r"^file ([0-9a-f]{64}) ([\w.-]+)$", re.MULTILINE)
COUNTED = ("content", "event", "checkpoint")
FIELDS = ("action", "subject", "organisation", "on_behalf_of", "batch")


class Finding(Exception):
    """Something that is wrong (1) or unreadable (2), by the code of its text."""

    def __init__(self, status: int, code: str, **facts: object) -> None:
        self.status, self.code, self.facts = status, code, facts


def unbase64(text: str) -> bytes:
    if base64.b64encode(found := base64.b64decode(text)).decode() != text:
        raise ValueError(text)  # another spelling of the same bytes (RFC 4648, 3.5)
    return found


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree: the roots of its complete subtrees, by height and place."""

    def __init__(self) -> None:
        self.rows: list[list[bytes]] = [[]]

    def append(self, leaf: bytes) -> None:
        hashed, height = leaf_hash(leaf), 0
        self.rows[0].append(hashed)
        while len(row := self.rows[height]) % 2 == 0:
            height += 1
            if height == len(self.rows):
                self.rows.append([])
            self.rows[height].append(node_hash(row[-2], row[-1]))

    def root(self, size: int) -> bytes:
        root, below = b"", size
        for height, row in enumerate(self.rows):
            if size >> height & 1:
                below -= 1 << height
                root = node_hash(row[below >> height], root) if root else row[below >> height]
        return root


def inclusion_root(index: int, size: int, hashed: bytes, path: list[bytes]) -> bytes:
    """The root a proof leads to (RFC 6962, 2.1.1); ValueError where it has another length."""
    if size <= 1:
        (found,) = (hashed, *path)
        return found
    half, (*rest, last) = 1 << (size - 1).bit_length() - 1, path
    if index < half:
        return node_hash(inclusion_root(index, half, hashed, rest), last)
    return node_hash(last, inclusion_root(index - half, size - half, hashed, rest))


def consistency(old: int, new: int, root: bytes | None, path: list[bytes]) -> tuple[bytes, bytes]:
    """Both roots a proof leads to from the older one (RFC 6962, 2.1.2); ValueError as above."""
    if old == new:
        (found,) = (root, *path) if root else path
        return found, found
    half, (*rest, last) = 1 << (new - 1).bit_length() - 1, path
    if old <= half:
        first, second = consistency(old, half, root, rest)
        return first, node_hash(second, last)
    first, second = consistency(old - half, new - half, None, rest)
    return node_hash(last, first), node_hash(last, second)


class Key(NamedTuple):
    """A public key that is trusted."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, text: str) -> "Key":
        with suppress(ValueError):
            name, id_, encoded = text.strip().split("+", 2)
            key = unbase64(encoded)
            hashed = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()
            if len(key) == 33 and key[0] == 1 and name and hashed[:8] == id_:
                return cls(name, bytes.fromhex(id_), key[1:])
        raise Finding(2, "no-key", key=text)

    def signed(self, text: bytes, signature: bytes) -> bool:
        with suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
            return True
        return False


class Position(NamedTuple):
    """A size of the log and its root, known to be signed."""

    size: int
    root: bytes


def read_note(note: str, keys: list[Key]) -> Position:
    """The position of a checkpoint, signed by a given key of its origin."""
    text, found, rest = note.rpartition("\n\n")
    lines = text.split("\n")
    signatures = [SIGNATURE.fullmatch(line) for line in rest.removesuffix("\n").split("\n")]
    whole = found and len(lines) > 2 and NUMBER.fullmatch(lines[1]) and rest[-1:] == "\n"
    if not whole or not all(signatures):
        raise ValueError(note)
    signed = [(line[1], unbase64(line[2])) for line in signatures if line]
    checked = [
        key.signed(f"{text}\n".encode(), signature[4:])
        for key in keys
        for name, signature in signed
        if (name, signature[:4]) == (key.name, key.id) and name == lines[0]
    ]
    if not checked or not all(checked):
        raise Finding(1, "not-signed", origin=lines[0])
    return Position(int(lines[1]), unbase64(lines[2]))


class Run:
    """All files of one call: what they prove, and what they must agree on."""

    def __init__(self, keys: list[Key], say: Any) -> None:
        self.keys, self.say = keys, say
        self.positions: dict[int, bytes] = {}
        self.linked: set[tuple[int, int]] = set()
        self.export: Export | None = None

    def hold(self, position: Position) -> Position:
        """Keep a signed position; two of one size must be the same."""
        if self.positions.setdefault(position.size, position.root) != position.root:
            raise Finding(1, "root", size=position.size)
        return position

    def check_receipt(self, leaf: bytes, index: int, path: list[bytes], note: str) -> Any:
        position = self.hold(read_note(note, self.keys))
        found = None
        with suppress(ValueError):
            found = inclusion_root(index, position.size, leaf_hash(leaf), path)
        if found != position.root or not 0 <= index < position.size:
            raise Finding(1, "root", size=position.size)
        self.say("receipt", event=(entry := json.loads(leaf))["event"], index=index)
        return entry

    def check_text_receipt(self, text: str) -> None:
        head, _, note = text.partition("\n\n")
        leaf, index, hashes = RECEIPT.fullmatch(head).groups()  # type: ignore[union-attr]
        self.check_receipt(unbase64(leaf), int(index), [*map(unbase64, hashes.split())], note)

    def check_json_receipt(self, read: Any) -> None:
        if len(read) != 7:  # nothing stands in it that nobody checked
            raise ValueError(read)
        path, leaf = [*map(unbase64, read["hashes"])], unbase64(read["leaf"])
        entry = self.check_receipt(leaf, int(read["index"]), path, read["checkpoint"])
        if entry["event"] != read["event"]:
            raise Finding(1, "leaf", field="event", event=read["event"])
        if read["salt"] is not None or read["facts"] is not None:
            require_salted(entry, "facts", unbase64(read["salt"] or ""), read["facts"].encode())
            self.say("facts")

    def check_position(self, read: Any) -> None:
        known, proof = read["known_at"], read["proof"]
        new = self.hold(read_note(proof["checkpoint"], self.keys))
        old = Position(known["size"], bytes.fromhex(known["root"]))
        path = [bytes.fromhex(line) for line in proof["consistency"]]
        found = None
        with suppress(ValueError):
            found = consistency(old.size, new.size, old.root, path)
        if found != (old.root, new.root) or not 0 < old.size <= new.size:
            raise Finding(1, "not-consistent", old=old.size, new=new.size)
        self.linked.add((self.hold(old).size, new.size))
        self.say("within", old=old.size, new=new.size)

    def check_export(self, lines: Iterable[bytes]) -> None:
        self.export = checked = Export(self.keys)
        for line in lines:
            checked.read(line)
        checked.require_whole()
        self.positions |= checked.signed
        self.say("export", size=checked.size, facts=checked.facts)
        if checked.waiting:
            self.say("waiting", count=checked.waiting)

    def require_agreement(self) -> None:
        """Every signed position is that of the export, or linked to the next one."""
        held = self.export.size if self.export else 0
        for size, root in self.positions.items():
            if self.export and size <= held and self.export.tree.root(size) != root:
                raise Finding(1, "root", size=size)
        sizes = [held, *(size for size in sorted(self.positions) if size > held)]
        for old, new in pairwise(sizes):
            if (old, new) not in self.linked and old:
                raise Finding(1, "no-proof", old=old, new=new)


def require_salted(entry: Any, field: str, salt: bytes, text: bytes) -> None:
    if hashlib.sha256(salt + text).hexdigest() != entry[field]:
        raise Finding(1, "leaf", field=field, event=entry["event"])


class Export:
    """An export of the log, read line by line."""

    def __init__(self, keys: list[Key]) -> None:
        self.keys, self.tree = keys, Tree()
        self.size = self.sealed = self.facts = self.waiting = 0
        self.signed: dict[int, bytes] = {}
        self.counts = dict.fromkeys(COUNTED, 0)
        self.end: Any = None

    def read(self, line: bytes) -> None:
        kind = (read := json.loads(line))["line"]
        if self.end is not None:
            raise Finding(1, "counts")
        if kind == "end":
            self.end = read
        elif kind == "leaf":
            self.add(read["log_index"], unbase64(read["leaf"]))
        elif kind in self.counts:
            self.counts[kind] += 1
            getattr(self, f"read_{kind}")(read, line)

    def read_content(self, read: Any, _line: bytes) -> None:
        if hashlib.sha256(unbase64(read["content"])).hexdigest() != read["sha256"]:
            raise Finding(1, "content", sha256=read["sha256"])

    def read_event(self, read: Any, line: bytes) -> None:
        leaf = unbase64(read["leaf"])
        self.waiting += read["log_index"] is None
        if read["log_index"] is not None:
            self.add(read["log_index"], leaf)
        require_fields(read, entry := json.loads(leaf))
        if read["salt"] is not None or read["facts"] is not None:
            facts = line.strip().partition(b',"facts":')[2][:-1]
            require_salted(entry, "facts", unbase64(read["salt"] or ""), facts)
            self.facts += 1

    def add(self, index: int, leaf: bytes) -> None:
        if index != self.size or self.waiting:
            raise Finding(1, "order", index=self.size)
        self.tree.append(leaf)
        self.size += 1

    def read_checkpoint(self, read: Any, _line: bytes) -> None:
        note, size = read.get("note"), read["size"]
        if not self.sealed < size <= self.size:
            raise Finding(1, "order", index=self.size)
        sealed_at = datetime.fromisoformat(read["sealed_at"]).astimezone(UTC).isoformat()
        seal, self.sealed = f"sealed {sealed_at} after {self.sealed}", size
        if note is None and self.signed:  # once signed, every size is
            raise Finding(1, "sealed", size=size)
        if note is None or all(key.name != note.partition("\n")[0] for key in self.keys):
            return
        if read_note(note, self.keys) != (size, root := self.tree.root(size)):
            raise Finding(1, "root", size=size)
        if note.split("\n")[3] not in ("", seal):
            raise Finding(1, "sealed", size=size)
        self.signed[size] = root

    def require_whole(self) -> None:
        whole = self.end and all(self.end[f"{one}s"] == self.counts[one] for one in COUNTED)
        if not whole or self.size not in self.signed:
            raise Finding(1, "counts")


def require_fields(read: Any, entry: Any) -> None:
    """What stands beside a leaf is what it says; that of a private event says next to nothing."""
    shown, said = ({"seq": read["seq"]} | one for one in (read, entry))  # older leaves lack it
    said |= {"id": entry["event"], "public": entry["action"] != "private"}
    for one in (shown, said):
        one["recorded_at"] = datetime.fromisoformat(one["recorded_at"])
    for field in ("id", "public", "seq", "recorded_at", *(FIELDS if read["public"] else ())):
        if shown[field] != said[field]:
            raise Finding(1, "leaf", field=field, event=read["id"])
    if "about" in entry and read["salt"] is not None:
        about = {field: read[field] for field in sorted(FIELDS)}
        text = json.dumps(about, separators=(",", ":"), ensure_ascii=False).encode()
        require_salted(entry, "about", unbase64(read["salt"]), text)


def check_file(run: Run, path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            first = file.readline()
            if first.startswith(b'{"line":"log"'):
                run.check_export(line for line in file if line.strip())
            else:
                check_text(run, path, (first + file.read()).decode())
    except (OSError, LookupError, TypeError, ValueError, AttributeError):
        raise Finding(2, "unlike", file=path) from None


def check_text(run: Run, path: str, text: str) -> None:
    if text.startswith("c2sp.org/tlog-proof@v1\n"):
        run.check_text_receipt(text)
    elif not text.startswith("{"):
        position = run.hold(read_note(text, run.keys))
        run.say("checkpoint", size=position.size, origin=text.partition("\n")[0])
        for sha256, name in NAMED.findall(text.partition("\n\n")[0]):
            if hashlib.sha256(Path(path).with_name(name).read_bytes()).hexdigest() != sha256:
                raise Finding(1, "content", sha256=name)
            run.say("named", name=name)
    elif "proof" in (read := json.loads(text)):
        run.check_position(read)
    else:
        run.check_json_receipt(read)


def verify(files: list[str], keys: list[str], language: str) -> tuple[int, list[str]]:
    """The exit code, and the lines to print; the last one is the verdict."""
    texts = {code: text.split(" | ")[LANGUAGES.index(language)] for code, text in TEXTS.items()}
    said: list[str] = []

    def say(code: str, **facts: object) -> None:
        said.append(texts[code].format(**facts))

    try:
        run = Run([Key.read(key) for key in keys], say)
        for file in files:
            check_file(run, file)
        run.require_agreement()
        say("fine")
        return 0, said
    except Finding as found:
        say(("", "wrong", "unreadable")[found.status], what=texts[found.code].format(**found.facts))
        return found.status, said


def main() -> int:
    parser = argparse.ArgumentParser(description="Check what the log of an EfA registry signed.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--key", action="append", required=True, help="name+hash+key")
    parser.add_argument("--lang", choices=LANGUAGES, default="de")
    given = parser.parse_args()
    status, lines = verify(given.files, given.key, given.lang)
    print("\n".join(lines), file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
