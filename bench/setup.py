"""From a fresh clone with an empty home to the first answered request, cold and warm.

Cold: nothing is there, packages are downloaded. Cached: a new clone and new data, packages from the
installer's cache. Warm: `./dev run` again. Each against its limit: 30 s cold, 3 s warm.
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.results import write

ROOT = Path(__file__).parents[1]
COLD_LIMIT = 30.0
WARM_LIMIT = 3.0
PATIENCE = 600.0
QUESTION = "/v1/services?limit=1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="warm starts; the median counts")
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="efa-setup-"))
    folder.chmod(0o755)
    try:
        write("setup", measure(folder, rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, rounds: int) -> dict[str, object]:
    home = folder / "home"
    home.mkdir()
    cold = first_answer(clone(folder / "one"), home, folder / "data-one")
    cached = first_answer(clone(folder / "two"), home, folder / "data-two")
    warm = [first_answer(folder / "one", home, folder / "data-one") for _ in range(rounds)]
    return {
        "cold_seconds": round(cold, 2),
        "cold_share_of_limit": round(cold / COLD_LIMIT, 2),
        "cached_seconds": round(cached, 2),
        "warm_seconds_median": round(statistics.median(warm), 2),
        "warm_seconds": [round(seconds, 2) for seconds in warm],
        "warm_share_of_limit": round(statistics.median(warm) / WARM_LIMIT, 2),
    }


def clone(target: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(target)], check=True)
    return target


def first_answer(checkout: Path, home: Path, data: Path) -> float:
    """Seconds from `./dev run` to its first answer; stops it again as Ctrl-C does."""
    port = free_port()
    start = time.perf_counter()
    process = subprocess.Popen(
        ["./dev", "run", "--port", str(port)],
        cwd=checkout,
        env=environment(home, data),
        start_new_session=True,
    )
    try:
        wait_for_answer(process, port, start + PATIENCE)
        return time.perf_counter() - start
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def environment(home: Path, data: Path) -> dict[str, str]:
    """A newcomer's: nothing of ours but the path and how the network is reached."""
    kept = ("PATH", "LANG", "TMPDIR", "SSL_", "PIP_", "UV_INDEX", "UV_DEFAULT_INDEX")
    network = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE")
    ours = {name: value for name, value in os.environ.items() if name.startswith(kept + network)}
    own_bin = str(ROOT / ".venv" / "bin")
    ours["PATH"] = ":".join(p for p in ours.get("PATH", "").split(":") if p != own_bin)
    settings = Path.home() / ".config" / "pip" / "pip.conf"
    if settings.is_file():
        ours.setdefault("PIP_CONFIG_FILE", str(settings))
    return ours | {"HOME": str(home), "EFA_DATA_DIR": str(data)}


def wait_for_answer(process: subprocess.Popen[bytes], port: int, until: float) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{QUESTION}", timeout=30) as answer:
                assert answer.status == 200
                return
        except urllib.error.HTTPError:
            raise
        except OSError:
            if process.poll() is not None or time.perf_counter() > until:
                raise
            time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
