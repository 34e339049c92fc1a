"""The command `efa`: serve, migrate, load, export, rebuild.

Exit codes: 0 fine, 1 findings, 2 wrong usage or unreadable input, 3 unreachable or not allowed.
"""

from registry.cli.main import main

__all__ = ["main"]
