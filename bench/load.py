"""A load of GET requests over loopback: by `wrk` where there is one, else by our own client."""

import asyncio
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

CONNECTIONS = 32


def requests_per_second(port: int, paths: list[str], seconds: float, header: str = "") -> float:
    """Answered requests per second for the paths in turn; every answer must be 200 or 304."""
    if shutil.which("wrk"):
        return _wrk(port, paths, seconds, header)
    return asyncio.run(_own(port, paths, seconds, header))


def _wrk(port: int, paths: list[str], seconds: float, header: str) -> float:
    name, _, value = header.partition(": ")
    listed = ", ".join(f'"{path}"' for path in paths)
    script = f"local paths = {{{listed}}}\nlocal n = 0\n"
    script += "function request() n = n % #paths + 1 "
    script += (
        f'return wrk.format("GET", paths[n], {{["{name}"] = [[{value}]]}}) end\n'
        if name
        else ('return wrk.format("GET", paths[n]) end\n')
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        Path(file.name).write_text(script)
        url = f"http://127.0.0.1:{port}"
        lasting = f"-d{max(1, round(seconds))}s"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", lasting, "-s", file.name, url]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in printed, printed
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    assert found, printed
    return float(found[1])


async def _own(port: int, paths: list[str], seconds: float, header: str) -> float:
    extra = f"{header}\r\n" if header else ""
    requests = [f"GET {p} HTTP/1.1\r\nHost: x\r\n{extra}\r\n".encode() for p in paths]
    until = time.perf_counter() + seconds
    counts = await asyncio.gather(
        *(_ask(port, requests, start, until) for start in range(CONNECTIONS))
    )
    return sum(counts) / seconds


async def _ask(port: int, requests: list[bytes], start: int, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = start
    while time.perf_counter() < until:
        writer.write(requests[count % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        assert head[9:12] in (b"200", b"304"), head
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length and head[9:12] == b"200":
            await reader.readexactly(int(length[1]))
        count += 1
    writer.close()
    return count - start
