"""SQL of reuse: the ledger and its periods, the answers made from them, reported figures."""

from registry.reuse.store.ledger import rebuild_projections

__all__ = ["rebuild_projections"]
