"""The parts of a local run start when the web server answers, whenever each of them comes to the gate."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from grants.local.run import Gate


def part(gate: Gate) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sh", "-c", f"{gate.wait} && echo on"], stdout=subprocess.PIPE)


def test_parts_go_on_once_the_gate_is_open_those_before_and_those_after(tmp_path: Path):
    gate = Gate(tmp_path / "starting")
    before = [part(gate), part(gate)]
    assert [each.poll() for each in before] == [None, None]
    gate.open()
    for each in [*before, part(gate)]:
        assert each.communicate(timeout=20)[0] == b"on\n"
    gate.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_pipe_of_a_killed_run_is_replaced(tmp_path: Path):
    os.mkfifo(tmp_path / "starting")
    gate = Gate(tmp_path / "starting")
    gate.open()
    assert part(gate).communicate(timeout=20)[0] == b"on\n"
    gate.remove()


def test_a_folder_with_a_space_is_no_trap(tmp_path: Path):
    (tmp_path / "my data").mkdir()
    gate = Gate(tmp_path / "my data" / "starting")
    gate.open()
    assert part(gate).communicate(timeout=20)[0] == b"on\n"
    gate.remove()
