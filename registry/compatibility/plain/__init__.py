"""The plain form of schemas: one dialect, one spelling for each assertion."""

from registry.compatibility.plain.form import DEFINED, Opaque, Plain, plain, references

__all__ = ["DEFINED", "Opaque", "Plain", "plain", "references"]
