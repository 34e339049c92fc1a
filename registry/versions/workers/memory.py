"""How much memory this process has held."""

import re
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None

_STATUS = Path("/proc/self/status")
_HELD = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def peak() -> int:
    """The most bytes held at once; 0 where the system does not say.

    Linux counts in `ru_maxrss` what the process held that started this one, so there it is read
    from the status of the process (proc_pid_status(5)).
    """
    if _STATUS.exists():
        held = _HELD.search(_STATUS.read_bytes())
        return int(held[1]) << 10 if held else 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if resource else 0
