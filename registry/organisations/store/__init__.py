"""SQL of organisations; what other rooms ask is named here."""

from registry.organisations.store.finding import find, find_ids, resolve, within
from registry.organisations.store.loading import loaded_sources, lock_data_set, replace_data_set

__all__ = [
    "find",
    "find_ids",
    "loaded_sources",
    "lock_data_set",
    "replace_data_set",
    "resolve",
    "within",
]
