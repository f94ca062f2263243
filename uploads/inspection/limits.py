"""The child's side of every inspection: lower the limits, look, print, end."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

MEMORY = 1 << 30  # bytes of address space above the file itself, most of it never touched
CPU = 30  # seconds
MORE = 8  # seconds of CPU for what is nice to know
READY, END = "ready", "end"


def limit(file_size: int, writes: int = 0) -> None:
    """Give up rights for the rest of this process: memory, CPU time, writing files, starting processes.

    ``writes``: bytes that a file may have which it writes.
    """
    _lower(resource.RLIMIT_AS, MEMORY + file_size)
    _lower(resource.RLIMIT_CPU, CPU)
    _lower(resource.RLIMIT_FSIZE, writes)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, 32)
    _lower(resource.RLIMIT_NPROC, 0)


def run(
    look: Callable[[str, dict[str, Any]], dict[str, Any]],
    more: Callable[[str, dict[str, Any], dict[str, Any]], dict[str, Any]] | None = None,
) -> None:
    """Read the request from stdin (``path``, ``size`` and what ``look`` needs), print its answer.

    ``more`` is given that answer too and adds to it; should the file be too much for it, the answer stands.
    """
    request = json.loads(sys.stdin.readline())
    limit(int(request["size"]), int(request.get("writes", 0)))
    _say(READY)  # what fails before this is our fault, what fails after it the file's
    found = look(request["path"], request)
    _say(json.dumps(found))
    if more:
        _lower(resource.RLIMIT_CPU, min(CPU, int(time.process_time()) + MORE))
        _say(json.dumps(more(request["path"], request, found)))
    _say(END)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (wanted, wanted))
