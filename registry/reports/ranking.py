"""How far services reach in each Land, and the ranks of the Länder made of that; pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set

import msgspec

from registry.reports.coverage import CoverageLinks, StateRank


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """A service and the Länder where it is in operation, or else in a pilot, or else contracted.

    `ruled`: where it is known who is competent; `everywhere`: of these, where all are covered.
    """

    service: str
    live: frozenset[str]
    pilot: frozenset[str]
    contracted: frozenset[str]
    everywhere: frozenset[str]
    ruled: frozenset[str]

    @property
    def used(self) -> bool:
        """Whether anybody has it, or has contracted for it."""
        return bool(self.live or self.pilot or self.contracted)

    def inside(self, states: Set[str]) -> "Signs":
        """The same of some of the Länder."""
        return Signs(
            service=self.service,
            live=self.live & states,
            pilot=self.pilot & states,
            contracted=self.contracted & states,
            everywhere=self.everywhere & states,
            ruled=self.ruled & states,
        )


def ranked(
    signs: Sequence[Signs], states: Mapping[str, str], rows_of: Callable[[str], str]
) -> list[StateRank]:
    """The Länder, best first; `rows_of` gives the address of the reuses a Land's row rests on."""
    live = Counter(state for one in signs for state in one.live)
    covered = Counter(state for one in signs for state in one.everywhere)
    competent = Counter(state for one in signs for state in one.ruled)
    locally = [live[state] for state in states]
    fully = [covered[state] for state in states if competent[state]]
    rows: list[StateRank] = []
    for state in states:
        at_least, everywhere, ruled = live[state], covered[state], competent[state]
        first, second = _rank(at_least, locally), _rank(everywhere, fully) if ruled else None
        rows.append(
            StateRank(
                state=state,
                state_name=states[state],
                at_least_locally=at_least,
                rank_at_least_locally=first,
                everywhere=everywhere if ruled else None,
                rank_everywhere=second,
                rank_change=second - first if second is not None else None,
                with_competence=ruled,
                links=CoverageLinks(rows=rows_of(state)),
            )
        )
    return sorted(rows, key=lambda row: (row.rank_at_least_locally, row.state))


def _rank(count: int, counts: Sequence[int]) -> int:
    return 1 + sum(other > count for other in counts)
