"""A process that has everything loaded that inspections need, and forks one child for each of them.

``uploads.inspection.child`` starts it, one for each process that checks files, clean of that process's environment
and memory. A child is a copy of it as it was before any file: no file's child sees or changes another's. For each
inspection it is sent one letter (which inspector) with two sockets:

conversation  becomes the child's stdin and stdout
lifeline      kept here: when its other end closes, for whatever reason, the child is killed and taken off the table

It ends when the socket that it gets these through is closed at the other end, as it is also when that process is
killed, and the last child has ended. This module runs as ``python -I -S``; see ``child``.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from uploads.inspection import archive, office, pdf, shorten

INSPECTORS: dict[bytes, Callable[[], None]] = {
    b"p": pdf.main, b"a": archive.main, b"o": office.main, b"s": shorten.main,
}  # fmt: skip
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_prctl = getattr(ctypes.CDLL(None), "prctl", None)  # None outside Linux


def main() -> None:
    """The zygote's whole life. Its stdin is the socket for inspections to come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the process that it serves, not before
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    gc.disable()
    gc.freeze()  # pages of memory stay shared with the children
    Zygote(socket.socket(fileno=os.dup(0))).serve()


class Zygote:
    """``children``: the process id of each inspection that runs, by its lifeline."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, tuple[socket.socket, int]] = {}
        self._waiting = select.poll()
        self._waiting.register(control, select.POLLIN)

    def serve(self) -> None:
        """Until nobody can ask any more and no child is left."""
        asked = True
        while asked or self._children:
            for descriptor, _ in self._waiting.poll():
                if descriptor in self._children:
                    self._end(descriptor)
                elif not self._begin():
                    asked = False
                    self._waiting.unregister(self._control)

    def _begin(self) -> bool:
        letter, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
        if not letter:
            return False
        try:
            conversation, lifeline = descriptors
            zygote, child = os.getpid(), os.fork()
        except (ValueError, OSError):  # no room for descriptors or processes now: closing them says so
            for descriptor in descriptors:
                os.close(descriptor)
            return True
        if not child:
            held = [conversation, lifeline, self._control.fileno(), *self._children]
            _live(conversation, INSPECTORS[letter], zygote=zygote, held=held)
        os.close(conversation)
        line = socket.socket(fileno=lifeline)
        self._children[lifeline] = line, child
        self._waiting.register(line, select.POLLIN)
        with suppress(OSError):  # closed already: ended in the next round
            line.send(b"%d" % child)
        return True

    def _end(self, lifeline: int) -> None:
        line, child = self._children.pop(lifeline)
        self._waiting.unregister(line)
        os.kill(child, signal.SIGKILL)  # nobody else waits for it, so its number is still its own
        os.waitpid(child, 0)
        line.close()  # tells the other end that it is gone


def _live(conversation: int, inspect: Callable[[], None], *, zygote: int, held: list[int]) -> None:
    """The child's whole life: never returns. ``held``: the zygote's descriptors, which are no business of its."""
    status = 1
    try:
        if _prctl:
            _prctl(_DIES_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != zygote:
            return  # too late for that
        os.dup2(conversation, 0)
        os.dup2(conversation, 1)
        for descriptor in held:
            os.close(descriptor)
        gc.enable()
        inspect()
        sys.stdout.flush()
        status = 0
    finally:
        os._exit(status)
