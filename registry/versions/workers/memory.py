"""How much memory this process holds, and has held."""

import re
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None

_STATUS = Path("/proc/self/status")
_HELD = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)
_TAKEN = re.compile(rb"^VmSize:\s+(\d+) kB", re.MULTILINE)


def taken() -> int:
    """The bytes of addresses it has now, which is what a limit counts; 0 where nobody says."""
    found = _TAKEN.search(_STATUS.read_bytes()) if _STATUS.exists() else None
    return int(found[1]) << 10 if found else 0


def peak() -> int:
    """The most bytes held at once; 0 where the system does not say.

    Linux counts in `ru_maxrss` what the process held that started this one, so there it is read
    from the status of the process (proc_pid_status(5)).
    """
    if _STATUS.exists():
        held = _HELD.search(_STATUS.read_bytes())
        return int(held[1]) << 10 if held else 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if resource else 0
