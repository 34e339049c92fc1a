"""Signing in at a provider that others made: oidc-provider, certified by the OpenID Foundation."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from registry.identity.sign_in_model import ProviderDraft
from registry.settings import Settings
from tests.client import ApiClient, open_client
from tests.identity.browser import CALLBACK, SITE, Browser
from tests.identity.issuer import wait_for

PACKAGE = "oidc-provider@9.13.3"
CLIENT, SECRET = "efa-registry", "geheim:+/%"
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(
        NODE is None or shutil.which("npm") is None,
        reason="Node.js with npm is missing here; tests/identity/test_sign_in.py has a provider "
        "of its own",
    ),
]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oidc-provider")
    options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(["npm", "install", *options, PACKAGE], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"{PACKAGE} cannot be had from the package index of npm here.")
    return folder / "node_modules" / "oidc-provider" / "lib" / "index.js"


@pytest.fixture(scope="module")
def provider(module: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    client = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": CALLBACK}
    script = Path(__file__).with_name("oidc_provider.mjs")
    process = subprocess.Popen(
        [str(NODE), str(script), str(module), str(port), json.dumps(client)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


class Visitor(Browser):
    """A browser that follows the provider's own redirects, with its cookies."""

    async def at_provider(self, address: str) -> str:
        async with httpx.AsyncClient() as http:
            while not address.startswith(SITE):
                answer = await http.get(address)
                assert answer.status_code in (302, 303), answer.text
                address = str(httpx.URL(address).join(answer.headers["location"]))
        return address


async def test_a_person_signs_in_and_acts(
    provider: str, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "land").write_text(SECRET)
    settings = msgspec.structs.replace(
        settings, public_url=SITE, egress_allowed="127.0.0.0/8", sign_in_secrets=str(tmp_path)
    )
    async with open_client(settings) as client:
        await record(client, provider)
        clerk = await Visitor(client).signed_in()
        me = (await clerk.get("/v1/me")).json()
        assert (me["keys"], me["scopes"]) == (["01"], ["read", "reuse"])
        assert (await clerk.post("/v1/tokens", json={"scopes": ["reuse"]})).status_code == 201
        chief = await Visitor(client).signed_in(query="&scope=admin")
        told = (await chief.get("/v1/me")).json()
        assert (told["person"], "admin" in told["scopes"]) == (me["person"], True)
        once = Visitor(client)
        back = await once.start()
        attempt = dict(once.cookies)
        assert (await once.get(back)).status_code == 303
        once.cookies = attempt
        assert (await once.get(back)).json()["errors"][0]["rule"] == "sign-in-used"


async def record(client: ApiClient, issuer: str) -> None:
    admin = await client.as_admin()
    draft = ProviderDraft(
        name="Land",
        issuer=issuer,
        client_id=CLIENT,
        organisation="01",
        roles={"sachbearbeitung": ("reuse",), "leitung": ("admin",)},
        admin_acr=("2fa",),
    )
    answer = await admin.put("/v1/sign-in-providers/land", json=msgspec.to_builtins(draft))
    assert answer.status_code == 201, answer.text
