"""Files that the registry vouches for: a checkpoint, signed once more with their SHA-256.

The lines stand where a checkpoint may have lines of its own (C2SP, tlog-checkpoint), so that it
stays one, of the size and root that were signed before. Pure.
"""

import hashlib
from collections.abc import Iterable, Mapping

from registry.audit.notes import Signer, read_checkpoint
from registry.errors import NotFound


class NoLogKeyHere(NotFound):
    """No key of this host signed the checkpoint, so it cannot vouch for anything."""

    code = "no-log-key-here"


def statement(note: str, signers: Iterable[Signer], files: Mapping[str, bytes]) -> str:
    """The checkpoint of a signed note with the names of files, signed by who signed the note."""
    signed = read_checkpoint(note)
    holders = [signer for signer in signers if signer.sign(signed.text) in note]
    if not holders:
        raise NoLogKeyHere
    named = [f"file {hashlib.sha256(data).hexdigest()} {name}" for name, data in files.items()]
    seal = "\n".join([*filter(None, [signed.seal]), *named])
    return signed._replace(seal=seal).signed(holders)
