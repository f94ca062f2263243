"""Starting a program without looking for garbage."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: In a process of its own: what is frozen stays so.
PROGRAM = """
import gc
from grants.kernel.memory import starting
try:
    with starting():
        told = [gc.isenabled()]
        {then}
except RuntimeError:
    told.append("raised")
print(*told, gc.isenabled(), gc.get_freeze_count() > 0)
"""


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param("pass", "False True True", id="a start that succeeds"),
        pytest.param("raise RuntimeError", "False raised True True", id="a start that fails"),
    ],
)
def test_the_collector_rests_during_the_start_only(then, expected):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(then=then)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == expected
