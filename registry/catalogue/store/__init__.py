"""SQL of the catalogue, by subject; what other rooms use is named here."""

from registry.catalogue.store.service import builders, hold, in_force, known, policy

__all__ = ["builders", "hold", "in_force", "known", "policy"]
