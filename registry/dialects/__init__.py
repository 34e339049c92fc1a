"""JSON Schema as it is written: strict JSON, the keywords of each dialect, references, patterns.

Pure; knows no database and no HTTP.
"""
