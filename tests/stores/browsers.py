"""What a browser does with a ticket and an address, before each of the two stores."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from uploads.errors import BadToken, Mismatch, Missing
from uploads.local import GET, PUT, LocalStorage
from uploads.port import Storage, Ticket

SOON = timedelta(minutes=5)


@dataclass(frozen=True)
class Answer:
    """What a browser gets."""

    status: int
    body: bytes = b""
    disposition: str = ""
    media_type: str = ""


@dataclass(frozen=True)
class Browser:
    """Sends what a ticket says, over the network to S3, straight to ``receive`` for a folder."""

    storage: Storage
    put: Callable[[str, bytes, dict[str, str]], Answer]
    get: Callable[[str], Answer]

    def send(self, ticket: Ticket, data: bytes) -> Answer:
        """A file in one request."""
        return self.put(ticket.url, data, dict(ticket.headers))

    def send_part(self, ticket: Ticket, data: bytes, number: int) -> Answer:
        """One part of ``data``."""
        assert ticket.upload_id
        assert ticket.part_size
        part = data[(number - 1) * ticket.part_size :][: ticket.part_size]
        url = self.storage.part_url(ticket.key, ticket.upload_id, number, expires=SOON, size=len(part))
        return self.put(url, part, {})


def network_put(url: str, data: bytes, headers: dict[str, str]) -> Answer:
    headers = {"Content-Type": "", **headers}  # else urllib invents a form
    return _asked(urllib.request.Request(url, data=data, method="PUT", headers=headers))


def network_get(url: str) -> Answer:
    return _asked(urllib.request.Request(url))


def _asked(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            headers = answer.headers
            disposition, media_type = headers.get("Content-Disposition", ""), headers.get("Content-Type", "")
            return Answer(answer.status, answer.read(), disposition, media_type)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code)
    except (urllib.error.URLError, ConnectionError) as error:
        if isinstance(error, ConnectionError) or isinstance(error.reason, ConnectionError):
            return Answer(400)  # refused before all was sent
        raise


def views(
    folder: LocalStorage,
) -> tuple[Callable[[str, bytes, dict[str, str]], Answer], Callable[[str], Answer]]:
    """The app's two views, as short as they will be there."""

    def put(url: str, data: bytes, headers: dict[str, str]) -> Answer:
        try:
            token = folder.verify_token(url.rsplit("/", 1)[1], PUT)
            folder.receive(token, BytesIO(data), media_type=headers.get("Content-Type"))
        except BadToken:
            return Answer(403)
        except (Mismatch, Missing):
            return Answer(400)
        return Answer(200)

    def get(url: str) -> Answer:
        try:
            file = folder.download(folder.verify_token(url.rsplit("/", 1)[1], GET))
        except BadToken:
            return Answer(403)
        except Missing:
            return Answer(404)
        return Answer(200, file.path.read_bytes(), file.disposition, file.media_type)

    return put, get
