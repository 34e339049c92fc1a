"""What a process held is its own, not what the one that started it holds."""

import subprocess
import sys

from registry.versions.workers import memory

SAYS = "from registry.versions.workers import memory; print(memory.peak())"


def test_a_process_counts_its_own_memory_only() -> None:
    much = bytearray(200 << 20)
    started = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, check=True)
    assert 0 < int(started.stdout) < len(much) < memory.peak()
