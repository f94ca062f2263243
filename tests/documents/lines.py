"""A line between the app and its store that can be cut: at once, or after so many bytes in one direction."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Line:
    """A TCP proxy on a port of its own. ``up``: towards the store; ``down``: from it."""

    def __init__(self, host: str, port: int) -> None:
        self._behind = (host, port)
        self._open: set[socket.socket] = set()
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Connections are taken (again), on the same port as before."""
        if self._listener is None:
            self._left = {}
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Nobody gets through, and who is talking is cut off."""
        listener, self._listener = self._listener, None
        if listener:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
            listener.close()
        with self._lock:
            for each in list(self._open):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def cut_after(self, **left: int) -> None:
        """Cut once so many bytes went ``up`` or ``down``."""
        self._left = left

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._behind) as far:
            with self._lock:
                self._open |= {near, far}
            back = threading.Thread(target=self._carry, args=(far, near, "down"), daemon=True)
            back.start()
            self._carry(near, far, "up")
            back.join()
            with self._lock:
                self._open -= {near, far}

    def _carry(self, source: socket.socket, target: socket.socket, way: str) -> None:
        with suppress(OSError):
            while piece := source.recv(16384):
                if way in self._left:
                    self._left[way] -= len(piece)
                    if self._left[way] < 0:
                        self.cut()
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
