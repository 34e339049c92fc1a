"""A small OpenID Connect provider, a process of its own: `provider.py FOLDER PORT`.

Serves what lies in its folder (`jwks`, discovery), and the code flow for whom `account.json` says:
who it is, and what is to be wrong with the answer. It holds the registry to the standard: the exact
redirect URI, PKCE by S256, client authentication, each code once.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

CODES: dict[str, dict[str, str]] = {}


class Handler(SimpleHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    @property
    def folder(self) -> Path:
        return Path(self.directory)

    @property
    def account(self) -> dict[str, Any]:
        return json.loads((self.folder / "account.json").read_text())

    @property
    def discovery(self) -> dict[str, Any]:
        path = self.folder / ".well-known" / "openid-configuration"
        return json.loads(path.read_text())

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/authorize":
            self.authorize()
        else:
            super().do_GET()

    def authorize(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        registered = json.loads((self.folder / "client.json").read_text())
        sound = (
            asked["response_type"] == "code"
            and asked["client_id"] == registered["client_id"]
            and asked["redirect_uri"] in registered["redirect_uris"]
            and asked["code_challenge_method"] == "S256"
            and len(asked["code_challenge"]) == 43
            and "openid" in asked["scope"].split()
        )
        if not sound:
            self.answer(400, {"error": "invalid_request"})
            return
        account = self.account
        answer: dict[str, Any] = {
            "state": asked["state"],
            "iss": self.discovery["issuer"],
            "session_state": "of.no.interest",
        }
        if "error" in account:
            answer["error"] = account["error"]
        else:
            answer["code"] = secrets.token_urlsafe(24)
            CODES[answer["code"]] = asked
        answer |= account.get("answer", {})
        told = urlencode({name: text for name, text in answer.items() if text is not None})
        self.send_response(303)
        self.send_header("Location", f"{asked['redirect_uri']}?{told}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if urlsplit(self.path).path != "/token" or not self.is_client(form):
            self.answer(401, {"error": "invalid_client"})
            return
        asked = CODES.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            self.answer(400, {"error": "invalid_grant"})
            return
        self.answer(200, {"id_token": self.id_token(asked), "token_type": "Bearer"})

    def is_client(self, form: dict[str, str]) -> bool:
        known = json.loads((self.folder / "client.json").read_text())
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            name, _, secret = base64.b64decode(given).decode().partition(":")
            pair = (unquote(name), unquote(secret))
        else:
            pair = (form.get("client_id", ""), form.get("client_secret", ""))
        return pair == (known["client_id"], known["client_secret"])

    def id_token(self, asked: dict[str, str]) -> str:
        account, now = self.account, int(time.time())
        claims = {
            "iss": self.discovery["issuer"],
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            "name": "Erika Mustermann",
            "email": "erika@example.org",
        } | account["claims"]
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.signed(claims, account.get("alg", "ES256"))

    def signed(self, claims: dict[str, Any], alg: str) -> str:
        """As the algorithm wants it; `none` and HS256 as an attacker would make them."""
        key = ECKey.import_key(json.loads((self.folder / "private.json").read_text()))
        if alg == "none":
            parts = [json.dumps({"alg": "none"}), json.dumps(claims)]
            coded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
            return ".".join([*coded, ""])
        if alg == "HS256":
            published = json.dumps(key.as_dict(private=False)).encode()
            return jwt.encode({"alg": alg, "kid": key.kid}, claims, OctKey.import_key(published))
        return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, algorithms=[alg])

    def answer(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    folder, port = sys.argv[1:]
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), partial(Handler, directory=folder))
    server.serve_forever()
