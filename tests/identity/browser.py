"""A browser for tests: keeps cookies, follows the way to the provider and back."""

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.client import ApiClient

SITE = "https://registry.example"
CALLBACK = f"{SITE}/anmelden/rueckkehr/land"


def callback(provider: str) -> str:
    """The address a provider leads back to."""
    return f"{SITE}/anmelden/rueckkehr/{provider}"


class Browser:
    """One browser; the registry is called in this process, providers over the network."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    async def get(self, address: str, **headers: str) -> httpx.Response:
        return await self.call("GET", address, headers=headers)

    async def call(
        self, method: str, address: str, *, events: int = 0, **options: Any
    ) -> httpx.Response:
        headers: dict[str, str] = dict(options.pop("headers", {}))
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= {"Cookie": kept} if kept else {}
        path = address.removeprefix(SITE)
        answer = await self.client.call(method, path, events=events, headers=headers, **options)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    async def start(self, provider: str = "land", query: str = "") -> str:
        """To the provider; returns the address it leads back to."""
        answer = await self.get(f"/anmelden?provider={provider}{query}")
        assert answer.status_code == 303, answer.text
        return await self.at_provider(answer.headers["location"])

    async def at_provider(self, address: str) -> str:
        async with httpx.AsyncClient() as http:
            sent_back = await http.get(address)
        assert sent_back.status_code == 303, sent_back.text
        return sent_back.headers["location"]

    async def sign_in(self, provider: str = "land", query: str = "") -> httpx.Response:
        """All the way; returns the last answer."""
        return await self.get(await self.start(provider, query))

    async def signed_in(self, provider: str = "land", query: str = "") -> ApiClient:
        """All the way; returns a client that sends what a page of ours sends."""
        answer = await self.sign_in(provider, query)
        assert answer.status_code == 303, answer.text
        return await self.client.in_browser(self.session)

    @property
    def session(self) -> str:
        return self.cookies.get("__Host-efa-session", "")


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
