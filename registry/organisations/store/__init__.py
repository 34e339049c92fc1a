"""SQL of organisations; what other rooms ask is named here."""

from registry.organisations.store.finding import (
    find,
    find_ids,
    resolve,
    resolve_id,
    territory,
)
from registry.organisations.store.loading import (
    add_data_set,
    loaded_sources,
    lock_data_set,
    lost_bodies,
)

__all__ = [
    "add_data_set",
    "find",
    "find_ids",
    "loaded_sources",
    "lock_data_set",
    "lost_bodies",
    "resolve",
    "resolve_id",
    "territory",
]
