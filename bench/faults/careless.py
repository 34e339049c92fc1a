"""The control: an application that takes a message for delivered before it is sent."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import registry.app
from registry.cli.worker import create_worker
from registry.subscriptions import attempts
from registry.subscriptions.delivering import Deliverer
from registry.subscriptions.store.sending import Message, Outcome, Receiver
from registry.web.egress import Reply


class Careless(Deliverer):
    """Keeps that all went well, and sends a moment later."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._later: defaultdict[UUID, list[Message]] = defaultdict(list)

    async def _send(self, receiver: Receiver, message: Message) -> Outcome:
        if message.kind == "handshake":
            return await super()._send(receiver, message)
        self._later[receiver.subscription_id].append(message)
        return attempts.answered(
            message, Reply(status=200, headers={}, body=b"", whole=True), "", 0
        )

    async def _tell(self, receiver: Receiver, messages: Sequence[Message]) -> None:
        await super()._tell(receiver, messages)
        await asyncio.sleep(0.3)
        for message in self._later.pop(receiver.subscription_id, []):
            await super()._send(receiver, message)


def create_careless() -> Any:
    """The application with a deliverer that does not wait for the answer."""
    registry.app.Deliverer = Careless  # type: ignore[attr-defined]
    return create_worker()
