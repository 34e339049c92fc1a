"""SQL of the catalogue, by subject; what other rooms use is named here."""

from registry.catalogue.store.service import (
    builders,
    formats,
    hold,
    in_force,
    known,
    policy,
    require_recorded,
)

__all__ = ["builders", "formats", "hold", "in_force", "known", "policy", "require_recorded"]
