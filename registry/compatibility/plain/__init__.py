"""The plain form of schemas: one dialect, one spelling for each assertion."""

from registry.compatibility.plain.form import Opaque, Plain, plain

__all__ = ["Opaque", "Plain", "plain"]
