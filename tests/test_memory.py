"""Which allocator a command uses."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASK = (
    "from wcsanalytics import memory; memory.keep(); import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
)


@pytest.mark.parametrize(("wanted", "used"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_shares_the_heap_unless_the_user_wants_another_pool(wanted: str | None, used: str) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only the GNU C library is told to keep memory")
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    if wanted:
        environment["ARROW_DEFAULT_MEMORY_POOL"] = wanted

    told = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)

    assert (told.stdout.strip(), told.stderr) == (used, "")
