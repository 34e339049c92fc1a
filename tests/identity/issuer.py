"""An issuer of ID tokens for tests: its pages are served by a process of their own, on loopback."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

AUDIENCE = "https://registry.test"
PROJECT = "land-sh/wohngeld"


class TestIssuer:
    """Signs what it is told; `requests` are those for its keys."""

    __test__ = False

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder
        self.key = self.new_key("first")

    def made_key(self, kid: str) -> ECKey:
        """A key that is not published."""
        return ECKey.generate_key("P-256", parameters={"kid": kid, "use": "sig"})

    def new_key(self, kid: str) -> ECKey:
        key = self.made_key(kid)
        told = {"keys": [key.as_dict(private=False)]}
        (self.folder / "jwks").write_text(json.dumps(told))
        (self.folder / "private.json").write_text(json.dumps(key.as_dict(private=True)))
        return key

    def register(self, client_id: str, secret: str, *redirect_uris: str) -> None:
        """Let a registry's people sign in here."""
        told = {"client_id": client_id, "client_secret": secret, "redirect_uris": redirect_uris}
        (self.folder / "client.json").write_text(json.dumps(told))

    def expect(self, claims: dict[str, Any], **wrong: Any) -> None:
        """Who signs in next, and what is to be wrong with the answer."""
        (self.folder / "account.json").write_text(json.dumps({"claims": claims} | wrong))

    def token(self, key: ECKey | None = None, project: str = PROJECT, **claims: Any) -> str:
        """As a GitLab makes one for a job of a protected tag; claims given as None are left out."""
        told: dict[str, Any] = {
            "sub": f"project_path:{project}:ref_type:tag:ref:v1.0.0",
            "project_path": project,
            "project_id": "4711",
            "namespace_id": "42",
            "ref": "v1.0.0",
            "ref_type": "tag",
            "ref_protected": "true",
        }
        return self.signed(told | claims, key)

    def signed(self, claims: dict[str, Any], key: ECKey | None = None) -> str:
        """An ID token for five minutes that says so."""
        key, now = key or self.key, int(time.time())
        told: dict[str, Any] = {
            "iss": self.address,
            "aud": AUDIENCE,
            "iat": now,
            "nbf": now - 5,
            "exp": now + 300,
            "jti": str(uuid4()),
        }
        told = {name: value for name, value in (told | claims).items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": key.kid}, told, key, algorithms=["ES256"])

    def requests(self) -> int:
        return (self.folder / "served").read_text().count("GET /jwks")


@contextmanager
def running_issuer(folder: Path, below: str = "") -> Generator[TestIssuer]:
    """An issuer at the root of a host, or below it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}{below}"
    served_at = folder / below.removeprefix("/")
    (served_at / ".well-known").mkdir(parents=True)
    told = {
        "issuer": address,
        "jwks_uri": f"{address}/jwks",
        "authorization_endpoint": f"{address}/authorize",
        "token_endpoint": f"{address}/token",
        "authorization_response_iss_parameter_supported": True,
    }
    (served_at / ".well-known" / "openid-configuration").write_text(json.dumps(told))
    command = [sys.executable, str(Path(__file__).with_name("provider.py")), str(folder), str(port)]
    with (folder / "served").open("wb") as served:
        process = subprocess.Popen(command, stdout=served, stderr=served)
        try:
            wait_for(address)
            yield TestIssuer(address, served_at)
        finally:
            process.terminate()
            process.wait(10)


def wait_for(address: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{address}/.well-known/openid-configuration")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(address)
