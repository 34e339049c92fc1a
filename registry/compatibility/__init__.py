"""What changed between two schemas, whether a document that fitted no longer fits, and which one.

Pure: no files, no network, no database. `compare` gives the verdict on two versions of one
interface, `contains` answers a single question of inclusion.
"""
