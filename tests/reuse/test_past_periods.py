"""What was known at a position of the log is what was shown while the log stood there."""

import random
from datetime import timedelta

import msgspec

from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, Row, begin
from registry.identity.operator import operator
from registry.settings import Settings
from tests.catalogue.drafts import draft
from tests.client import ApiClient
from tests.reuse.test_projection import attempt, draw_history
from tests.templates import number_events

COLUMNS = """
reuse_id, step_id, stage, version, valid_from, valid_to, since, since_precision, since_basis,
own_use, area, places, public
"""
SHOWN = f"select {COLUMNS} from reuse_periods order by reuse_id, valid_from"  # noqa: S608 - ours
KNOWN = f"""
select {COLUMNS} from reuse_periods_known($1) order by reuse_id, valid_from
"""  # noqa: S608 - ours
# In different Länder, since changes of one service in one Land wait for each other.
ELSEWHERE = ("05", "06", "082220000000")
BUILDERS = ("13", "05", "06", "05315")


class Past:
    """What was shown at each size the log ever had."""

    def __init__(self, settings: Settings, owner: Connection) -> None:
        self._settings = settings
        self._owner = owner
        self.size = 0
        self.shown: dict[int, list[Row]] = {}

    async def keep(self) -> None:
        self.size += await number_events(self._settings)
        self.shown[self.size] = await self._owner.fetch(SHOWN)


async def built_by_another(conn: Connection, dice: random.Random) -> None:
    document = draft("bauantrag", builders=[{"organisation": dice.choice(BUILDERS)}])
    async with begin(conn, operator()) as tx:
        day = tx.today - timedelta(days=dice.randrange(1_200))
        await put_service(tx, "bauantrag", msgspec.convert(document, ServiceDraft), day)


async def test_a_past_position_shows_what_was_shown_then(
    api: ApiClient, conn: Connection, owner: Connection, settings: Settings
) -> None:
    dice, past = random.Random(1), Past(settings, owner)
    reuses = [await draw_history(conn, body, dice) for body in ELSEWHERE]
    await past.keep()
    for turn in range(24):
        early, late = dice.sample(reuses, 2)
        async with begin(conn, operator()) as held:
            await attempt(held, early, dice)
            # What ends first gets the earlier place in the log, though it began later.
            async with begin(api.conn, operator()) as tx:
                await attempt(tx, late, dice)
            await past.keep()
        # What is recorded and has no place yet belongs to no position.
        assert await owner.fetch(KNOWN, past.size) == past.shown[past.size]
        await past.keep()
        if turn % 5 == 0:
            await built_by_another(conn, dice)
            await past.keep()
    assert await owner.fetchval("select count(*) from log_late") > 5
    assert len({str(rows) for rows in past.shown.values()}) > 20
    for size, rows in past.shown.items():
        assert await owner.fetch(KNOWN, size) == rows, size
