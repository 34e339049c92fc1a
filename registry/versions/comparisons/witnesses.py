"""How long the proofs of a verdict may be: short schemas can ask for long documents; pure."""

from collections.abc import Iterable

from msgspec.structs import replace

from registry.compatibility.model import Finding, Verdict, Witness

LONGEST = 20_000
TOGETHER = 200_000


def without_long_witnesses(verdict: Verdict) -> Verdict:
    """The same verdict; documents too long to keep and to read are left out of it."""
    room = _Room()
    return replace(
        verdict,
        backward=replace(verdict.backward, witness=room.kept(verdict.backward.witness)),
        forward=replace(verdict.forward, witness=room.kept(verdict.forward.witness)),
        findings=_shortened(verdict.findings, room),
        remarks=_shortened(verdict.remarks, room),
    )


def _shortened(findings: Iterable[Finding], room: "_Room") -> list[Finding]:
    return [replace(finding, witness=room.kept(finding.witness)) for finding in findings]


class _Room:
    """What is left for documents."""

    def __init__(self) -> None:
        self._left = TOGETHER

    def kept(self, witness: Witness | None) -> Witness | None:
        if witness is None or len(witness.text) > min(LONGEST, self._left):
            return None
        self._left -= len(witness.text)
        return witness
