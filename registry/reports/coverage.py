"""Coverage and ranking: how far a service reaches in each Land, under both official rules."""

from datetime import date

import msgspec


class CoverageLinks(msgspec.Struct, frozen=True, kw_only=True):
    """The reuses the row is counted from, as a path."""

    rows: str


class StateCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One service in one Land on the day asked for.

    `at_least_one`: it is in operation at least somewhere in the Land. `everywhere`: in operation
    with all competent bodies; null where no rule says who is competent ("nicht erfasst"), and then
    no share is given. `competence_sources`: where the rules for the Land come from, as recorded.
    `land_takes_part`: recorded for the Land itself, which covers none of its bodies. `live`,
    `pilot`, `contracted` (connecting included) and `suspended` count reusing bodies, `own_use`
    builders and bodies of their Land that have it in operation. `inhabitants_covered` live in
    municipalities covered by an operation; the shares are cut off, so that only all is 100.
    """

    service: str
    state: str
    state_name: str
    at_least_one: bool
    everywhere: bool | None
    land_takes_part: bool
    live: int
    pilot: int
    contracted: int
    suspended: int
    own_use: int
    competent: int | None
    competent_covered: int | None
    competent_in_pilot: int | None
    competent_percent: str | None
    competence_sources: tuple[str, ...]
    inhabitants: int | None
    inhabitants_covered: int | None
    inhabitants_percent: str | None
    population_on: date | None
    links: CoverageLinks


class StateRank(msgspec.Struct, frozen=True, kw_only=True):
    """A Land by the number of services in operation there, under both measures.

    `at_least_locally`: somewhere in the Land. `everywhere`: with all competent bodies, counted only
    over the services whose competence is recorded for the Land (`with_competence`), null where that
    is none. Equal numbers share a rank; `rank_change` is how it moves with the other measure.
    """

    state: str
    state_name: str
    at_least_locally: int
    rank_at_least_locally: int
    everywhere: int | None
    rank_everywhere: int | None
    rank_change: int | None
    with_competence: int
    links: CoverageLinks
