"""From bytes to JSON objects: packing, decoding, and going on behind damage. Knows nothing of topics."""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a file may take: characters of one object, bytes of the whole once unpacked."""

    object_size: int = 8 * 1024 * 1024
    file_size: int = 2 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of the file that is no usable object, and why."""

    reason: str
    identifier: str = ""


_CHUNK = 64 * 1024


def text_of(stream: BinaryIO, bounds: Bounds) -> Iterator[str | Damage]:
    """Decoded pieces; bytes that are no UTF-8 become U+FFFD; damage of the packing ends the file, and is told."""
    decoder: codecs.IncrementalDecoder | None = None
    size = 0
    for piece in _unpacked(stream):
        if isinstance(piece, Damage):
            yield piece
            return
        if decoder is None:
            utf16 = piece[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8")("replace")
        size += len(piece)
        if size > bounds.file_size:
            yield Damage(f"the file is larger than {bounds.file_size:,} bytes: the rest was not read")
            return
        yield decoder.decode(piece)
    if decoder is not None:
        yield decoder.decode(b"", final=True)


def _unpacked(stream: BinaryIO) -> Iterator[bytes | Damage]:
    """The bytes, out of gzip where its mark says so. Not ``gzip``: it loses what precedes a damaged place."""
    data = stream.read(_CHUNK)
    if data[:2] != b"\x1f\x8b":
        while data:
            yield data
            data = stream.read(_CHUNK)
        return
    unpacker = zlib.decompressobj(wbits=31)
    try:
        while data:
            piece = unpacker.decompress(data, _CHUNK)
            if piece:
                yield piece
            data = unpacker.unconsumed_tail or unpacker.unused_data or stream.read(_CHUNK)
            if unpacker.eof and data:
                if not data.strip(b"\0"):
                    return  # padding after the end
                unpacker = zlib.decompressobj(wbits=31)
    except zlib.error as problem:
        yield Damage(f"the packed file is damaged here, the rest cannot be read ({problem})")
        return
    if not unpacker.eof:
        yield Damage("the packed file ends too early: it was cut off")


_BETWEEN = re.compile(r"[\s,\[\]\ufeff\x00\x1e]*")
_ANY_START = re.compile(r"\}\s*,?\s*(\{\s*\")")
_FIRST_KEY = re.compile(r"\{\s*(\"[^\"\\]{1,80}\")\s*:")


def _not_json(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_not_json)


def objects_in(pieces: Iterator[str | Damage], largest: int) -> Iterator[dict[str, Any] | Damage]:
    """The objects of a stream, wherever one ends and the next begins; damaged stretches as ``Damage``.

    After damage the next place that looks like the beginning of an object counts: ``{`` with the key that two good
    objects in a row began with, which cannot stand unescaped inside a text; the key of one alone may be damaged.
    """
    buffer, ended = "", False
    start_of_record, last_key, sure = _ANY_START, "", False
    trouble: Damage | None = None

    def more(wanted: int) -> None:
        nonlocal buffer, ended, trouble
        parts, size = [buffer], 0
        while not ended and size < wanted:
            piece = next(pieces, None)
            if piece is None or isinstance(piece, Damage):
                ended, trouble = True, piece
            else:
                parts.append(piece)
                size += len(piece)
        buffer = "".join(parts)

    more(_CHUNK)
    while True:
        buffer = buffer[_end(_BETWEEN.match(buffer)) :]
        if not buffer:
            if ended:
                break
            more(_CHUNK)
            continue
        try:
            value, end = _DECODER.raw_decode(buffer)
        except (ValueError, RecursionError) as problem:
            if not ended and len(buffer) <= largest and _may_go_on(problem, len(buffer)):
                more(max(_CHUNK, len(buffer)))
                continue
            yield Damage(
                _why(problem, cut=ended and _may_go_on(problem, len(buffer)), largest=largest, buffer=buffer)
            )
            while (found := start_of_record.search(buffer, 1)) is None and not ended:
                buffer = buffer[-256:]  # room for a start that lies across two pieces
                more(_CHUNK)
            buffer = buffer[found.start(found.lastindex or 0) :] if found else ""
            continue
        if not isinstance(value, dict):
            if end == len(buffer) and not ended:
                more(_CHUNK)
                continue
            yield Damage("this is no object")
        else:
            if not sure and (key := _FIRST_KEY.match(buffer)):
                sure, last_key = key[1] == last_key, key[1]
                known = r"\{\s*" + re.escape(last_key) + r"\s*:"
                start_of_record = re.compile(known if sure else f"{known}|{_ANY_START.pattern}")
            yield value
        buffer = buffer[end:]
    if trouble is not None:
        yield trouble


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _may_go_on(problem: Exception, size: int) -> bool:
    """Whether the parser stopped because the text ended, not because it is wrong."""
    if not isinstance(problem, json.JSONDecodeError):
        return False
    return problem.msg.startswith("Unterminated string") or problem.pos >= size - 12


def _why(problem: Exception, *, cut: bool, largest: int, buffer: str) -> str:
    if isinstance(problem, RecursionError):
        return "the object is nested too deeply"
    if len(buffer) > largest:
        return f"the object is larger than {largest:,} characters, or its end is missing"
    if cut:
        return "the file ends inside this object"
    if not buffer.startswith("{"):
        return "text between the objects"
    return f"not readable as JSON: {problem}"
