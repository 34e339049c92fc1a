"""The OpenAPI document is true: generated calls meet no failure and no undescribed answer.

A few of each kind; `./dev soak openapi` makes tens of thousands, all that the tool knows.
"""

import asyncio
import subprocess
import sys

from registry.settings import Settings
from tests.client import open_client
from tests.live import live_server

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)


PHASES = "examples,fuzzing,stateful"


async def operator_token(settings: Settings) -> str:
    async with open_client(settings) as client:
        return (await client.as_admin()).token


def schemathesis(address: str, *options: str, patience: int = 1200) -> str:
    """What the tool prints when nothing is wrong; `patience` is in seconds."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json"]
    fixed = ["--checks", CHECKS, "--seed", "20261122", "--no-color", "--mode", "all"]
    fixed += ["--warnings", "off", "--generation-deterministic"]
    # A stream ends after a quarter of an hour; tests/subscriptions/test_events.py reads it.
    fixed += ["--exclude-path", "/v1/events/stream"]
    # How seldom what it draws fits a pattern says nothing about the answers.
    fixed += ["--suppress-health-check", "filter_too_much"]
    done = subprocess.run(
        [*command, *fixed, *options], capture_output=True, text=True, timeout=patience, check=False
    )
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
    return done.stdout


def test_generated_calls_of_the_operator_meet_no_failure(settings: Settings) -> None:
    token = asyncio.run(operator_token(settings))
    with live_server(settings) as address:
        header = f"Authorization: Bearer {token}"
        printed = schemathesis(address, "-H", header, "--max-examples", "8", "--phases", PHASES)
    assert "No issues found" in printed


def test_generated_calls_without_a_token_meet_no_failure(settings: Settings) -> None:
    with live_server(settings) as address:
        printed = schemathesis(address, "--max-examples", "4", "--phases", "fuzzing")
    assert "No issues found" in printed
