"""SQL of organisations; what other rooms ask is named here."""

from registry.organisations.store.finding import find, find_ids, resolve, within
from registry.organisations.store.loading import (
    data_sets,
    loaded_sources,
    lock_data_set,
    replace_data_set,
    show_data_set,
)

__all__ = [
    "data_sets",
    "find",
    "find_ids",
    "loaded_sources",
    "lock_data_set",
    "replace_data_set",
    "resolve",
    "show_data_set",
    "within",
]
