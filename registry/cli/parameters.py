"""The parameters a body sets, from its file into the registry."""

from registry.db import Tx
from registry.errors import Fault
from registry.organisations import store as organisations
from registry.reuse.configuring import put_parameters, running
from registry.reuse.model import InvalidStep
from registry.reuse.readiness import Validator, declared, require_declared, require_settable
from registry.reuse.store import ledger, parameters


async def set_parameters(
    tx: Tx, service: str, body: str, document: bytes, validator: Validator
) -> None:
    """Set what a body starts with; what it set itself since then stays."""
    found = await organisations.find(tx, [body])
    reuse_id = await ledger.find(tx, service, found[body].id) if body in found else None
    if reuse_id is None:
        raise InvalidStep(Fault("", "unknown-organisation", {"value": body}))
    if await parameters.documents(tx, reuse_id):
        return
    now = await running(tx, reuse_id)
    asked = require_declared(await declared(tx, service, now.version), now.version)
    await require_settable(validator, asked, document)
    await put_parameters(tx, now, document)
