"""File names that people and attackers send."""

from __future__ import annotations

import unicodedata
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.names import MAX_BYTES, content_disposition, extension, safe_name

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
NAMES = st.text(st.characters() | st.sampled_from(BIDI + "/\\.\r\n\0\" '%;"), max_size=400)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Part B.pdf", "Part B.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\C:\\Users\\me\\Part B.pdf", "Part B.pdf"),
        ("предложение.pdf", "предложение.pdf"),
        ("提案 📎.pdf", "提案 📎.pdf"),
        ("👩‍🔬 team.pdf", "👩‍🔬 team.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nb\0.pdf", "ab.pdf"),
        ("A\u030arhus.pdf", "Århus.pdf"),
        ("", "file"),
        ("../..", "file"),
        (" . ", "file"),
        (".htaccess", "htaccess"),
        ("a.pdf.", "a.pdf"),
        ("folder/", "folder"),
        ("\ud800.pdf", "pdf"),
    ],
)
def test_a_name_keeps_its_letters_and_loses_its_tricks(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_a_long_name_keeps_its_extension() -> None:
    kept = safe_name("ž" * 300 + ".pdf")

    assert kept.endswith("ž.pdf")
    assert MAX_BYTES - 1 <= len(kept.encode()) <= MAX_BYTES


@given(NAMES)
def test_every_name_becomes_a_safe_one(name: str) -> None:
    safe = safe_name(name)

    assert safe
    assert len(safe.encode()) <= MAX_BYTES
    assert not set(safe) & set("/\\" + BIDI)
    assert all(unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") for char in safe)
    assert safe not in (".", "..")
    assert safe_name(safe) == safe


@given(NAMES, st.booleans())
def test_every_name_makes_one_line_of_header_that_says_the_name(name: str, inline: bool) -> None:
    header = content_disposition(name, inline=inline)

    assert header.isascii()
    assert header.isprintable()
    assert unquote(header.partition("filename*=UTF-8''")[2]) == safe_name(name)
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == ("inline" if inline else "attachment")
    parameters = message.get_params(header="content-disposition")
    assert parameters is not None
    assert [key for key, _ in parameters[1:]] == ["filename", "filename"] or len(parameters) == 2


@pytest.mark.parametrize(("name", "ending"), [("a.PDF", "pdf"), ("a", ""), (".pdf", ""), ("a.tar.gz", "gz")])
def test_an_extension_is_what_follows_the_last_dot(name: str, ending: str) -> None:
    assert extension(name) == ending
