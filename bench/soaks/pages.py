"""axe-core on a page of every template, in all widths and both colour schemes, all details open.

Counts what it finds, pages that have to be moved sideways at 320 pixels and in each width, and what
the browser complains of; what goes wrong is printed and ends the run.
"""

import asyncio
import itertools
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from playwright.async_api import Browser

from bench.results import write
from registry.cli.installation import migrate_now, override, running
from registry.cli.load import load
from registry.settings import Settings
from tests.live import live_server
from tests.site.every_page import (
    CHROMIUM,
    PAGES,
    SCHEMES,
    WHERE_IT_IS,
    WIDTHS,
    Scheme,
    go_to,
    open_browser,
    too_wide,
    violations,
)

_OPEN = "document.querySelectorAll('details').forEach(details => { details.open = true })"


def main() -> None:
    if CHROMIUM is None:
        sys.exit(WHERE_IT_IS)
    with tempfile.TemporaryDirectory(prefix="efa-soak-") as folder:
        Path(folder).chmod(0o755)
        unlimited = msgspec.structs.replace(Settings(), rate_limit=0, costly_rate_limit=0)
        with running(override(unlimited, data_dir=folder)) as settings:
            migrate_now(settings)
            load(settings, folder=None, demo=True)
            with live_server(settings, Path(folder, "log"), signing_in=True) as address:
                started = time.process_time()
                faults = asyncio.run(looked_at(address))
    runs = len(PAGES) * len(WIDTHS) * len(SCHEMES)
    seconds = round(time.process_time() - started, 1)
    write("soak-pages", {"runs": runs, "violations": len(faults), "seconds_of_ours": seconds})
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


async def looked_at(address: str) -> list[str]:
    faults: list[str] = []
    async with open_browser() as browser:
        for width, scheme in itertools.product(WIDTHS, SCHEMES):
            faults += await in_one_shape(browser, address, width, scheme)
    return faults


async def in_one_shape(browser: Browser, address: str, width: int, scheme: Scheme) -> list[str]:
    context = await browser.new_context(
        base_url=address,
        bypass_csp=True,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    page = await context.new_page()
    faults: list[str] = []
    for template in PAGES:
        await go_to(page, template)
        await page.evaluate(_OPEN)
        found = await violations(page)
        faults += [f"{template} {width} {scheme}: {one}" for one in found]
        if await too_wide(page):
            faults.append(f"{template} {width} {scheme}: has to be moved sideways")
    await context.close()
    return faults


if __name__ == "__main__":
    main()
