"""Standard Webhooks 1.0: secrets, and the headers that sign a message.

No secret is stored: each is derived from the secret of the installation, for one subscription and
one generation of it.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from uuid import UUID

_PREFIX = "whsec_"


def secret_of(installation: bytes, subscription: UUID, generation: int) -> str:
    """The secret as its receiver keeps it: `whsec_` and 32 bytes in Base64."""
    message = f"webhook {subscription} {generation}".encode()
    key = hmac.digest(installation, message, hashlib.sha256)
    return _PREFIX + base64.b64encode(key).decode()


def signed(message: str, second: int, body: bytes, secrets: Sequence[str]) -> Mapping[str, str]:
    """The headers of one message; while secrets change hands, with one signature for each."""
    content = f"{message}.{second}.".encode() + body
    return {
        "webhook-id": message,
        "webhook-timestamp": str(second),
        "webhook-signature": " ".join(_signature(content, secret) for secret in secrets),
    }


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def mail_code(installation: bytes, subscription: UUID) -> str:
    """What an address sends back to show that it wants to hear."""
    digest = hmac.digest(installation, f"mail {subscription}".encode(), hashlib.sha256)
    return base64.b32encode(digest)[:12].decode()


def feed_key(installation: bytes, subscription: UUID) -> str:
    """What opens the feed of a subscription to who has its address."""
    return hmac.digest(installation, f"feed {subscription}".encode(), hashlib.sha256).hex()[:40]
