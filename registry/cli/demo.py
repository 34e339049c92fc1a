"""The fictitious Land with key 99: its bodies, from `_demo/bodies.csv`."""

from pathlib import Path

from registry.db import Tx
from registry.organisations.actions import load_data_set
from registry.organisations.model import Level, organisation_id
from registry.organisations.register import Body, DataSet, Key, Sources, State
from registry.organisations.register.sources import TERRITORY_DATE

NAME = "demo"

_LEVELS: dict[int, Level] = {2: "state", 5: "district", 9: "association", 12: "municipality"}


async def load_bodies(tx: Tx, folder: Path) -> None:
    """Load the bodies of the fictitious Land; the same again changes nothing."""
    sources = Sources({"bodies": (folder / "bodies.csv").read_bytes()})
    await load_data_set(tx, NAME, sources, build)


def build(sources: Sources) -> DataSet:
    """The data set in `bodies.csv`: keys, slug, name, kind, population and area of each body."""
    bodies = [_body(row) for row in sources.rows("bodies")]
    return DataSet(name=NAME, territory_date=TERRITORY_DATE, bodies=tuple(bodies))


def _body(row: dict[str, str]) -> Body:
    names = row["keys"].split()
    levels: tuple[Level, ...] = tuple(_LEVELS[len(name)] for name in names)
    state = State(
        None,
        None,
        row["name"],
        row["kind"],
        levels=levels,
        population=int(row["population"]) if row["population"] else None,
        population_on=TERRITORY_DATE if row["population"] else None,
        area_km2=float(row["area_km2"]) if row["area_km2"] else None,
    )
    pairs = zip(names, levels, strict=True)
    keys = tuple(Key(name, level, None, None) for name, level in pairs)
    identity = row["slug"] or f"{levels[0]}/{names[0]}"
    return Body(organisation_id(identity), row["slug"] or None, keys, (state,))
