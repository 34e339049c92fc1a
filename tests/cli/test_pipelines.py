"""The pipelines of the README, each run as a script against a registry."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
import yaml

from registry.settings import Settings
from tests.catalogue.drafts import draft
from tests.cli.typed import ROOT
from tests.client import ApiClient
from tests.identity.issuer import TestIssuer, running_issuer
from tests.identity.test_pipelines import GITHUB
from tests.live import live_server
from tests.versions.published import SCHEMA, interfaces, publish

BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
WIDER: dict[str, Any] = {**SCHEMA, "properties": {**SCHEMA["properties"], "mail": {}}}
NARROWER: dict[str, Any] = {**SCHEMA, "required": ["name", "age"]}


def pipelines() -> dict[str, Any]:
    """Those of the README, by the file its first line names."""
    texts = BLOCK.findall((ROOT / "README.md").read_text())
    return {text.partition("\n")[0].removeprefix("# "): yaml.safe_load(text) for text in texts}


def installs(line: str) -> bool:
    """What is tested is installed already."""
    return line.startswith("pip install")


class Repository:
    """A publisher's repository, checked out by a pipeline."""

    def __init__(self, folder: Path, address: str, token: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "EFA_REGISTRY_URL": address,
            "EFA_TOKEN": token,
        }

    def write(self, schema: Any) -> None:
        (self.folder / "schemas").mkdir(exist_ok=True)
        (self.folder / "schemas/application.json").write_text(json.dumps(schema, indent=2))

    def run(self, lines: list[str], **variables: str) -> "subprocess.CompletedProcess[str]":
        script = "\n".join(line for line in lines if not installs(line))
        command = ["bash", "-e", "-c", script]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment | variables,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip


@pytest.fixture
async def registered(client: ApiClient) -> str:
    """`hundesteuer` 1.0.0, and a token to publish it."""
    admin = await client.as_admin()
    document = draft("hundesteuer")
    headers = {"If-None-Match": "*"}
    assert (await admin.put("/v1/services/hundesteuer", json=document, headers=headers)).is_success
    builder = await client.as_body("01", "publish:hundesteuer")
    await publish(builder, "1.0.0", slug="hundesteuer", body=interfaces(application=SCHEMA))
    return builder.token


@pytest.fixture
def repository(registered: str, settings: Settings, tmp_path: Path) -> Iterator[Repository]:
    with live_server(settings) as address:
        yield Repository(tmp_path, address, registered)


@contextmanager
def id_tokens(issuer: TestIssuer) -> Generator[dict[str, str]]:
    """What a runner of GitHub tells a job: where it gets an ID token, for whom it asks."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            if self.headers["Authorization"] != "bearer of-this-job" or "audience" not in asked:
                self.send_error(403)
                return
            token = issuer.signed(GITHUB | {"aud": asked["audience"][0]})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"count": 1, "value": token}).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.server_port}/token?api=2",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-this-job",
        }
    finally:
        server.shutdown()
        server.server_close()


def test_github_publishes_tags_without_a_secret(
    registered: str, settings: Settings, tmp_path: Path
) -> None:
    """Its ID tokens are for the address under which the job knows the registry."""
    job = pipelines()[".github/workflows/efa.yml"]["jobs"]["publish"]
    assert "EFA_TOKEN" not in job["env"]
    assert job["permissions"]["id-token"] == "write"
    lines = [step["run"] for step in job["steps"] if "run" in step]
    (tmp_path / "issuer").mkdir()
    with running_issuer(tmp_path / "issuer", "/_services/token") as issuer:
        jobs = {"ci_issuers": issuer.address, "egress_allowed": "127.0.0.0/8"}
        trusting = msgspec.structs.replace(
            settings, ci_audience=job["env"]["EFA_REGISTRY_URL"], **jobs
        )
        with live_server(trusting) as address, id_tokens(issuer) as told:
            pipeline = {
                "service": "hundesteuer", "issuer": issuer.address, "project": GITHUB["repository"],
            }  # fmt: skip
            headers = {"Authorization": f"Bearer {registered}"}
            bound = httpx.post(f"{address}/v1/pipelines", json=pipeline, headers=headers)
            assert bound.status_code == 201, bound.text
            repository = Repository(tmp_path, address, "")
            repository.write(WIDER)
            done = repository.run(lines, GITHUB_REF_NAME="v1.1.0", **told)
            assert done.returncode == 0, done.stderr
            assert "hundesteuer 1.1.0 is published" in done.stdout
            repository.write(NARROWER)
            done = repository.run(lines, GITHUB_REF_NAME="v1.2.0", **told)
            assert (done.returncode, "EFA-REQ-01" in done.stdout) == (1, True), done.stderr
            told["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "of-another"
            assert repository.run(lines, GITHUB_REF_NAME="v2.0.0", **told).returncode != 0


def test_gitlab_checks_merge_requests_and_publishes_tags(repository: Repository) -> None:
    jobs = pipelines()[".gitlab-ci.yml"]
    check, tag = jobs["efa-check"], jobs["efa-publish"]
    repository.write(NARROWER)
    done = repository.run(check["script"])
    assert done.returncode == 1, done.stderr
    reports = check["artifacts"]["reports"]
    (issue,) = json.loads((repository.folder / reports["codequality"]).read_text())
    assert (issue["check_name"], issue["location"]["path"]) == (
        "EFA-REQ-01",
        "schemas/application.json",
    )
    assert "<failure" in (repository.folder / reports["junit"]).read_text()
    assert repository.run(tag["script"], CI_COMMIT_TAG="v1.1.0").returncode == 1
    repository.write(WIDER)
    assert repository.run(check["script"]).returncode == 0
    assert json.loads((repository.folder / reports["codequality"]).read_text()) != []
    for _ in range(2):
        done = repository.run(tag["script"], CI_COMMIT_TAG="v1.1.0")
        assert done.returncode == 0, done.stderr
    repository.environment["EFA_TOKEN"] = ""
    assert repository.run(tag["script"], CI_COMMIT_TAG="v1.2.0").returncode == 3


def test_github_checks_pull_requests(repository: Repository) -> None:
    job = pipelines()[".github/workflows/efa.yml"]["jobs"]["check"]
    lines = [step["run"] for step in job["steps"] if "run" in step]
    summary = repository.folder / "summary.md"
    for schema, code in ((WIDER, 0), (NARROWER, 1)):
        repository.write(schema)
        done = repository.run(lines, GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == code, done.stderr
        upload = next(step for step in job["steps"] if "upload-sarif" in step.get("uses", ""))
        log = json.loads((repository.folder / upload["with"]["sarif_file"]).read_text())
        levels = [result["level"] for result in log["runs"][0]["results"]]
        assert ("error" in levels) is (code == 1)
        assert summary.read_text().startswith("### EfA: " + ("❌" if code else "✅"))


def test_the_pipelines_read_the_token_from_a_secret() -> None:
    found = pipelines()
    assert "EFA_TOKEN" not in found[".gitlab-ci.yml"]["variables"]
    env = found[".github/workflows/efa.yml"]["jobs"]["check"]["env"]
    assert env["EFA_TOKEN"] == "${{ secrets.EFA_TOKEN }}"
