"""The parts of a local run end with the command that started them, also when that was killed: nothing of them stays
behind on the ports that the next run needs."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import Any

#: Number of the process of ``grants run``, for its parts.
VARIABLE = "GRANTS_SUPERVISOR"
#: Seconds that a part has to end by itself. What it was doing is kept, as when it is killed at any other moment.
GRACE = 10


def end_with_supervisor() -> None:
    """From now on this process is asked to end (SIGTERM) when the one that VARIABLE names is gone.

    Without the variable nothing happens, nor where a process cannot be watched (pidfd_open: Linux from 5.3, where it
    is allowed).
    """
    number = os.environ.get(VARIABLE, "")
    if not number.isdecimal() or not hasattr(os, "pidfd_open"):
        return
    try:
        watched = os.pidfd_open(int(number))
    except ProcessLookupError:  # gone before we came
        _end()
        return
    except OSError:  # an older kernel, or a container that does not let us
        return
    threading.Thread(target=_wait_and_end, args=(watched,), daemon=True).start()


def _wait_and_end(watched: int) -> None:
    select.select([watched], [], [])
    _end()
    time.sleep(GRACE)  # a part that has ended by then takes this thread with it
    os.kill(os.getpid(), signal.SIGKILL)


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def when_ready(_server: Any) -> None:
    """gunicorn calls this in its first process once it listens; its workers end with it."""
    end_with_supervisor()
