"""A small browser for crowds: one kept-alive connection over asyncio, cookies, no redirects followed by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

#: A browser gives up later; a run of a minute cannot.
PATIENCE = 30.0


class Broken(Exception):
    """No whole answer came: nobody knows whether the request was done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` with small names; the last of those that come twice."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Browser:
    """Of one applicant. ``reopened``: how often an idle connection was gone when it was needed; ``keep``: whether it
    takes new cookies."""

    port: int
    cookie: str
    reopened: int = 0
    keep: bool = True
    _pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    def another(self) -> Browser:
        """A second connection with the same cookies: another tab, or the second click."""
        return Browser(self.port, self.cookie)

    async def get(self, path: str) -> Answer:
        """Ask for a page."""
        return await self._ask(self._head("GET", path, ""))

    async def post(self, path: str, form: dict[str, str], *, script: bool = False, cut: bool = False) -> Answer:
        """Send a form; ``script`` as autosave does. ``cut``: send it and hang up before the answer. Raises Broken."""
        body = urlencode(form)
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        kind += "X-Autosave: 1\r\nAccept: application/json\r\n" if script else ""
        whole = self._head("POST", path, f"{kind}Content-Length: {len(body)}\r\n") + body.encode()
        return await self._ask(whole, cut=cut)

    def _head(self, method: str, path: str, more: str) -> bytes:
        host = f"Host: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n"
        return f"{method} {path} HTTP/1.1\r\n{host}{more}\r\n".encode()

    async def _ask(self, whole: bytes, *, cut: bool = False) -> Answer:
        async with self._one:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._over_pipe(whole, cut=cut)
            except (OSError, EOFError, ValueError, TimeoutError) as problem:
                await self.close()
                raise Broken(type(problem).__name__) from problem

    async def _over_pipe(self, whole: bytes, *, cut: bool) -> Answer:
        idle = self._pipe is not None
        answer = None
        try:
            answer = await self._once(whole, cut=cut)
        except (ConnectionError, EOFError) as problem:
            # The server hangs up on idle connections; every browser then tries once more on a new one.
            if not idle or cut or (isinstance(problem, asyncio.IncompleteReadError) and problem.partial):
                raise
            self.reopened += 1
            await self.close()
        return answer or await self._once(whole, cut=cut)

    async def _once(self, whole: bytes, *, cut: bool) -> Answer:
        if self._pipe is not None and self._pipe[0].at_eof():
            await self.close()
        if self._pipe is None:
            self._pipe = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._pipe
        writer.write(whole)
        await writer.drain()
        if cut:
            raise ConnectionResetError
        return await self._read(reader)

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if self.keep and "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0]
        body = await self._body(reader, headers)
        if headers.get("connection", "").lower() == "close":
            await self.close()
        return Answer(int(head[0].split()[1]), headers, body.decode())

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await reader.readexactly(int(headers.get("content-length", "0")))
        pieces = []
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(pieces)

    async def close(self) -> None:
        """Hang up."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe[1].close()
            with suppress(OSError, TimeoutError):
                await pipe[1].wait_closed()
