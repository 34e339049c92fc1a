"""One process of raw asyncpg: `python -m bench.raw URL SECONDS SQL KEY…` prints its rate."""

import asyncio
import sys
import time

import asyncpg
import uvloop

from bench.load import CONNECTIONS


async def main(url: str, seconds: float, sql: str, keys: list[str]) -> None:
    """32 callers on the default pool, each asking for one key after the other."""
    async with asyncpg.create_pool(url) as pool:
        until = time.perf_counter() + seconds

        async def call(start: int) -> int:
            count = start
            while time.perf_counter() < until:
                await pool.fetchrow(sql, [keys[count % len(keys)]])
                count += 1
            return count - start

        counts = await asyncio.gather(*(call(start) for start in range(CONNECTIONS)))
    print(sum(counts) / seconds)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4:]))
