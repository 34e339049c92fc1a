"""Jobs publish without a secret: by an ID token of their own, once, for what was agreed."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from registry.identity.issuers import IdTokenRefused, Issuers
from registry.settings import Settings
from registry.web.egress import open_egress
from tests.client import ApiClient, open_client
from tests.identity.issuer import AUDIENCE, TestIssuer, running_issuer
from tests.live import live_server
from tests.versions.published import SCHEMA_TEXT, SERVICE, service, version

SLUG = "wohngeld-sh"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestIssuer]:
    with running_issuer(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestIssuer]:
    """At the address that an enterprise server of GitHub has for it."""
    with running_issuer(tmp_path_factory.mktemp("github"), "/_services/token") as running:
        yield running


@pytest.fixture(scope="module")
def open_to_jobs(shared_settings: Settings, issuer: TestIssuer, github: TestIssuer) -> Settings:
    return msgspec.structs.replace(
        shared_settings,
        ci_issuers=f"{issuer.address}, {github.address}",
        ci_audience=AUDIENCE,
        egress_allowed="127.0.0.0/8",
    )


@pytest.fixture(scope="module")
async def builder(open_to_jobs: Settings) -> AsyncIterator[ApiClient]:
    """Who builds the one service of all these tests; each test has a project of its own."""
    async with open_client(open_to_jobs) as client:
        yield await service(client)


@pytest.fixture
def project() -> str:
    return f"land-sh/p{next(_NUMBERS)}"


async def bind(builder: ApiClient, issuer: TestIssuer, project: str) -> str:
    draft = {"service": SLUG, "issuer": issuer.address, "project": project}
    answer = await builder.post("/v1/pipelines", json=draft)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def exchange(builder: ApiClient, token: str, *, events: int = 1) -> httpx.Response:
    return await builder.with_token("").post(
        "/v1/token-exchange", json={"id_token": token}, events=events
    )


def rules(answer: httpx.Response) -> tuple[int, list[str]]:
    return answer.status_code, [place["rule"] for place in answer.json().get("errors", [])]


async def test_a_job_publishes_and_its_id_token_counts_once(
    builder: ApiClient, issuer: TestIssuer, project: str
) -> None:
    await bind(builder, issuer, project)
    id_token = issuer.token(project=project)
    answer = await exchange(builder, id_token, events=2)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["scopes"], told["organisation"]) == ([f"publish:{SLUG}"], "01")
    left = datetime.fromisoformat(told["expires_at"]) - datetime.now(UTC)
    assert 870 < left.total_seconds() <= 900
    job = builder.with_token(told["token"])
    published = await job.put(f"{SERVICE}/versions/1.0.0", json=version())
    assert published.status_code == 201, published.text
    assert rules(await exchange(builder, id_token)) == (403, ["id-token-used"])
    assert (await exchange(builder, issuer.token(project=project))).status_code == 201


async def test_a_job_leaves_nothing_that_outlives_it(
    builder: ApiClient, issuer: TestIssuer, project: str
) -> None:
    await bind(builder, issuer, project)
    told = (await exchange(builder, issuer.token(project=project), events=2)).json()
    job = builder.with_token(told["token"])
    scopes = [f"publish:{SLUG}"]
    token = (await job.get("/v1/me")).json()["token"]
    pipeline = {"service": SLUG, "issuer": issuer.address, "project": "other/project"}
    for method, path, body in (
        ("POST", "/v1/tokens", {"scopes": scopes}),
        ("POST", f"/v1/tokens/{token}/rotation", {}),
        ("POST", "/v1/pipelines", pipeline),
        ("PUT", "/v1/delegations/01/02", {"scopes": scopes}),
        ("PUT", "/v1/services/other/versions/1.0.0", version()),
    ):
        answer = await job.call(method, path, json=body)
        assert answer.status_code in (403, 404), (path, answer.text)
    rotated = await builder.call("POST", f"/v1/tokens/{token}/rotation", json={})
    assert rotated.json()["type"] == "/problems/token-not-rotatable"


@pytest.mark.parametrize(
    ("claims", "rule"),
    [
        ({"iss": "https://elsewhere.example"}, "id-token-issuer"),
        ({"aud": "https://other.test"}, "id-token-audience"),
        ({"aud": [AUDIENCE, "https://other.test"]}, "id-token-audience"),
        ({"aud": None}, "id-token-audience"),
        ({"exp": int(time.time()) - 3_600}, "id-token-time"),
        ({"nbf": int(time.time()) + 3_600}, "id-token-time"),
        ({"exp": int(time.time()) + 90_000}, "id-token-time"),
        ({"exp": None}, "id-token-claim"),
        ({"exp": "soon"}, "id-token-claim"),
        ({"jti": None}, "id-token-claim"),
        ({"project_id": None}, "id-token-claim"),
        ({"project_path": "land-sh/other"}, "id-token-unbound"),
        ({"ref_type": "branch"}, "id-token-no-tag"),
        ({"ref_protected": "false"}, "id-token-unprotected"),
        ({"ref_protected": None}, "id-token-unprotected"),
        ({"ref": "nightly"}, "id-token-other-tag"),
    ],
)
async def test_what_is_not_as_agreed_is_refused(
    builder: ApiClient, issuer: TestIssuer, project: str, claims: dict[str, Any], rule: str
) -> None:
    await bind(builder, issuer, project)
    answer = await exchange(builder, issuer.token(project=project, **claims))
    assert rules(answer) == (403, [rule])
    assert ("EFA_CI_ISSUERS" in answer.text) is (rule == "id-token-issuer")


# What GitHub documents of its ID tokens ("OpenID Connect reference"), for a protected tag.
GITHUB: dict[str, Any] = {
    "sub": "repo:octo-org/octo-repo:ref:refs/tags/v1.2.0",
    "environment": "prod",
    "ref": "refs/tags/v1.2.0",
    "sha": "c040cae0f0dc81641728557b80f09cfa23b83fe5",
    "repository": "octo-org/octo-repo",
    "repository_owner": "octo-org",
    "actor_id": "12",
    "repository_visibility": "private",
    "repository_id": "74",
    "repository_owner_id": "65",
    "run_id": "22259804324",
    "run_number": "10",
    "run_attempt": "2",
    "runner_environment": "github-hosted",
    "actor": "octocat",
    "workflow": "release",
    "workflow_ref": "octo-org/octo-repo/.github/workflows/release.yml@refs/tags/v1.2.0",
    "workflow_sha": "c040cae0f0dc81641728557b80f09cfa23b83fe5",
    "head_ref": "",
    "base_ref": "",
    "event_name": "push",
    "ref_protected": "true",
    "ref_type": "tag",
    "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
    "job_workflow_sha": "c9ed89cf4dacf01feb527c42a26e0a8920d14c61",
}


async def test_a_job_of_github_is_known_by_the_names_github_gives(
    builder: ApiClient, github: TestIssuer
) -> None:
    """By its own names alone: those of a GitLab beside them count for nothing."""
    pipeline = await bind(builder, github, "octo-org/octo-repo")
    told = await exchange(builder, github.signed(GITHUB), events=2)
    assert told.status_code == 201, told.text
    shown = (await builder.get(f"/v1/pipelines/{pipeline}")).json()
    assert (shown["project_id"], shown["namespace_id"]) == ("74", "65")
    gitlab = {"project_path": "octo-org/octo-repo", "project_id": "74", "namespace_id": "65"}
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"repository": "octo-org/other"}, "id-token-unbound"),
        ({"repository_id": "75"}, "id-token-other-project"),
        ({"repository_owner_id": "66"}, "id-token-other-project"),
        ({"repository": None, **gitlab}, "id-token-claim"),
        ({"repository_owner_id": None, **gitlab}, "id-token-claim"),
        ({"ref": "refs/heads/main", "ref_type": "branch"}, "id-token-no-tag"),
        ({"ref_protected": "false"}, "id-token-unprotected"),
        ({"ref": "refs/tags/nightly"}, "id-token-other-tag"),
    )
    for changed, rule in changes:
        answer = await exchange(builder, github.signed(GITHUB | changed))
        assert rules(answer) == (403, [rule]), changed


async def test_who_takes_a_path_over_does_not_publish(
    builder: ApiClient, issuer: TestIssuer, project: str
) -> None:
    pipeline = await bind(builder, issuer, project)
    assert (await exchange(builder, issuer.token(project=project), events=2)).status_code == 201
    others: list[dict[str, Any]] = [{"project_id": "4712"}, {"namespace_id": "43"}]
    for other in others:
        answer = await exchange(builder, issuer.token(project=project, **other))
        assert rules(answer) == (403, ["id-token-other-project"])
    shown = (await builder.get(f"/v1/pipelines/{pipeline}")).json()
    assert (shown["project_id"], shown["namespace_id"]) == ("4711", "42")
    assert (await builder.delete(f"/v1/pipelines/{pipeline}")).json()["ended_at"]
    assert (await builder.delete(f"/v1/pipelines/{pipeline}", events=0)).status_code == 200
    assert rules(await exchange(builder, issuer.token(project=project))) == (
        403,
        ["id-token-unbound"],
    )


async def test_signatures_of_others_and_none_are_refused(
    builder: ApiClient, issuer: TestIssuer, project: str
) -> None:
    await bind(builder, issuer, project)
    forged = issuer.token(issuer.made_key("first"), project)
    assert rules(await exchange(builder, forged)) == (403, ["id-token-signature"])
    header, payload, signature = issuer.token(project=project).split(".")
    changed = payload[:-2] + ("AA" if not payload.endswith("AA") else "BB")
    for token in (f"{header}.{changed}.{signature}", f"{header}.{payload}.", "x", "a.b.c"):
        status, found = rules(await exchange(builder, token))
        assert status == 403
        assert found[0] in ("id-token-signature", "id-token-unreadable")


async def test_only_who_builds_a_service_lets_a_project_publish_it(
    builder: ApiClient, issuer: TestIssuer, project: str
) -> None:
    draft = {"service": SLUG, "issuer": issuer.address, "project": project}
    stranger = await builder.as_body("02", "publish:*")
    answer = await stranger.post("/v1/pipelines", json=draft)
    assert (answer.status_code, answer.json()["organisation"]) == (403, "01")
    unscoped = await builder.as_body("01", "reuse")
    assert (await unscoped.post("/v1/pipelines", json=draft)).status_code == 403
    first = await bind(builder, issuer, project)
    again = await builder.post("/v1/pipelines", json=draft, events=0)
    assert (again.status_code, again.json()["id"]) == (200, first)
    assert (await stranger.get("/v1/pipelines")).json()["items"] == []
    assert (await stranger.get(f"/v1/pipelines/{first}")).status_code == 404


async def test_an_unknown_key_asks_the_issuer_again_once_a_minute(issuer: TestIssuer) -> None:
    clock = [1_000.0]
    async with open_egress("127.0.0.0/8") as egress:
        issuers = Issuers(issuer.address, egress, lambda: clock[0])
        now = datetime.now(UTC)
        await issuers.claims(issuer.token(), AUDIENCE, now)
        before = issuer.requests()
        clock[0] += 61
        unknown = issuer.made_key("never")
        for _ in range(20):
            with pytest.raises(IdTokenRefused):
                await issuers.claims(issuer.token(unknown), AUDIENCE, now)
        assert issuer.requests() == before + 1
        issuer.key = issuer.new_key("second")
        with pytest.raises(IdTokenRefused):
            await issuers.claims(issuer.token(), AUDIENCE, now)
        clock[0] += 61
        assert await issuers.claims(issuer.token(), AUDIENCE, now)
        assert issuer.requests() == before + 2


def _published(environment: dict[str, str], schema: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "registry", "publish", SLUG, "1.1.0", str(schema)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


async def test_efa_publishes_by_the_id_token_in_its_environment(
    builder: ApiClient, open_to_jobs: Settings, issuer: TestIssuer, project: str, tmp_path: Path
) -> None:
    await bind(builder, issuer, project)
    schema = tmp_path / "application.json"
    schema.write_text(SCHEMA_TEXT)
    kept = {name: text for name, text in os.environ.items() if not name.startswith("EFA_")}
    with live_server(open_to_jobs) as address:
        environment = kept | {
            "EFA_REGISTRY_URL": address,
            "EFA_ID_TOKEN": issuer.token(project=project),
        }
        first, second = (_published(environment, schema) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert second.returncode == 3, second.stderr
    assert (await builder.get(f"{SERVICE}/versions/1.1.0")).status_code == 200
