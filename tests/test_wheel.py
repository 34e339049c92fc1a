"""The wheel alone, in an empty environment far from the checkout, serves the registry."""

import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="efa-wheel-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", folder / "dist"], cwd=ROOT, check=True)
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def efa(folder: Path, wheel: Path) -> Path:
    """The command of an environment that holds the wheel and what it needs."""
    python = folder / "venv" / "bin" / "python"
    uv("venv", "--quiet", "--no-project", "--python", sys.executable, folder / "venv")
    into = ("pip", "install", "--quiet", "--python", python)
    uv(*into, "--require-hashes", "-r", ROOT / "requirements.lock")
    uv(*into, "--no-deps", wheel)
    return folder / "venv" / "bin" / "efa"


def uv(*arguments: object) -> None:
    """Run uv with the user's settings, from its cache where that is enough."""
    if UV is None:
        pytest.skip("uv is not here; ./dev could not install it")
    command = [UV, *map(str, arguments)]
    settings = dev().uv_environment()
    if subprocess.call([*command, "--offline"], env=settings, stderr=subprocess.DEVNULL) == 0:
        return
    done = subprocess.run(command, env=settings, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        pytest.skip(f"The packages cannot be had here: {done.stderr.strip()[-300:]}")


def dev() -> Any:
    """The script ./dev as a module: it knows how the user reaches packages."""
    loader = importlib.machinery.SourceFileLoader("dev", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("dev", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def answer(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
        return json.load(response)


def wait_until_served(process: subprocess.Popen[bytes], port: int, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0 and ready(port):
                return
        time.sleep(0.05)
    raise AssertionError("efa serve does not answer")


def ready(port: int) -> bool:
    try:
        return bool(answer(port, "/healthz"))
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_wheel_holds_what_the_program_reads(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("migrations", "schemas", "service_specs"):
        held = {name for name in names if name.startswith(f"registry/_data/{folder}/")}
        tracked = subprocess.run(
            ["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert held >= {f"registry/_data/{name}" for name in tracked.stdout.splitlines()}
    for told in ("NOTICE", "LICENSES/DL-DE-BY-2.0.txt"):
        assert any(name.endswith(f"licenses/{told}") for name in names)


def test_wheel_serves_without_the_checkout(efa: Path, folder: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [efa, "serve", "--port", str(port)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "EFA_DATA_DIR": str(folder / "data")},
    )
    try:
        wait_until_served(process, port)
        assert answer(port, "/v1/organisations?limit=1")["total"] > 10_000
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert process.returncode is not None
