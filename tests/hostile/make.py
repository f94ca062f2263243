"""Makes files that somebody who means harm would upload, and good ones beside them to compare with.

    python tests/hostile/make.py FOLDER

No file that really does harm is made: scripts show a box, the virus is the EICAR test string, bombs are small.
Nothing here is committed as a file, because mail gateways and scanners would take the repository for infected.
"""

from __future__ import annotations

import hashlib
import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_ID = b"0123456789abcdef"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
_TYPES = "[Content_Types].xml"
_WORD = b'<Types><Override PartName="/word/document.xml" ContentType="%s"/></Types>'
_DOCX = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOCM = b"application/vnd.ms-word.document.macroEnabled.main+xml"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def pdf(
    *more: bytes, catalog: bytes = b"", pages: bytes = b"/Count 1", trailer: bytes = b"", page: bytes = _PAGE
) -> bytes:
    """One page; ``more`` are objects from number 4 on, the rest goes into the dictionaries of that name."""
    root = b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>"
    objects = [root, b"<</Type/Pages/Kids[3 0 R]" + pages + b">>", page, *more]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, start))
    return out.getvalue()


def stream(content: bytes, dictionary: bytes = b"") -> bytes:
    """A stream object, as it is."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(content), content)


def packed(content: bytes, dictionary: bytes = b"") -> bytes:
    """A stream object, compressed."""
    return stream(zlib.compress(content), dictionary + b"/Filter/FlateDecode")


def encrypted_pdf(user: bytes, owner: bytes = b"owner") -> bytes:
    """Protected in the oldest way (40 bits); an empty ``user`` opens it with its restrictions."""
    permissions = struct.pack("<i", -64)
    locked = _rc4(hashlib.md5(_padded(owner)).digest()[:5], _padded(user))
    key = hashlib.md5(_padded(user) + locked + permissions + _ID).digest()[:5]
    access = b"<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -64>>" % (
        locked.hex().encode(),
        _rc4(key, _PAD).hex().encode(),
    )
    return pdf(access, trailer=b"/Encrypt 4 0 R/ID[<%s><%s>]" % (_ID.hex().encode(), _ID.hex().encode()))


def archive(entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these entries, by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, content in entries.items():
            target.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def docx(kind: bytes = _DOCX, **entries: bytes) -> bytes:
    """A Word document as far as its container goes."""
    return archive({_TYPES: _WORD % kind, "word/document.xml": b"<document/>"} | entries)


def lying_archive(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Says that it unpacks to 10 bytes, but unpacks to 8 MiB."""
    size, data = 8 << 20, archive({"a": bytes(8 << 20)}, method=method)
    return data.replace(struct.pack("<I", size), struct.pack("<I", 10))


def boasting_archive() -> bytes:
    """Says that its content is packed into more bytes than the file has."""
    data = bytearray(archive({"a.txt": b"text" * 999}))
    for signature, length in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):
        struct.pack_into("<I", data, data.index(signature) + length, len(data) - 1)
    return bytes(data)


def short_archive() -> bytes:
    """Says that it unpacks to one byte more than it does."""
    size, data = 12_345, archive({"a": bytes(12_345)})
    return data.replace(struct.pack("<I", size), struct.pack("<I", size + 1))


def overlapping_archive() -> bytes:
    """Two hundred names for the same packed bytes."""
    data = archive({"a": bytes(1 << 20)})
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[at:end]
    closing = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 200, 200, len(entry) * 200, at, 0)
    return data[:at] + entry * 200 + closing


def password_archive() -> bytes:
    """An entry that is marked as encrypted."""
    data = bytearray(archive({"a.txt": b"secret"}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    return bytes(data)


def link_archive() -> bytes:
    """A symbolic link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        link = zipfile.ZipInfo("innocent.txt")
        link.external_attr = 0o120777 << 16
        target.writestr(link, "/etc/passwd")
    return out.getvalue()


def hidden_in_object_stream() -> bytes:
    """The script is in a compressed object stream, where a search of the file does not see it."""
    inner = b"<</S/JavaScript/JS(app.alert(1))>>"
    content = b"5 0 " + inner
    return pdf(packed(content, b"/Type/ObjStm/N 1/First 4"), catalog=b"/OpenAction 5 0 R")


def hidden_in_a_picture() -> bytes:
    """The script is an object inside the bytes of another object's stream."""
    return pdf(stream(b"\xff\xd8 picture \n9 0 obj\n<</S/JavaScript/JS(app.alert(1))>>\nendobj\n"))


def hidden_behind_comments(comment: bytes = b"") -> bytes:
    """The script is an object inside a stream, with comments between its numbers and the word that begins it."""
    header = b"9 %% the\n%% first %s\r 0%%and the second 7\n%%\n\nobj" % comment
    return pdf(stream(b"\xff\xd8 picture \n" + header + b"<</S/JavaScript/JS(app.alert(1))>>\nendobj\n"))


def picture_with_words() -> bytes:
    """A picture whose bytes, by chance, hold the beginning of an object without its numbers, and names after it."""
    chance = [b"\x93 obj\x07", b"\nobj ", b"5 obj\0", b"x 0 obj ", b"%5 \n obj", b"\robj"]
    return pdf(stream(b"\xff\xd8" + b"/JS(\x81\xfe/Launch \x02".join([*chance, b"\xff\xd9"]), b"/Filter/DCTDecode"))


def pdf_with_traces(name: str) -> bytes:
    """A good file that tells who wrote it: in its facts, its XMP and that of page and picture, a comment, a link."""
    who = name.encode()
    xmp = b"<?xpacket begin=''?><x:xmpmeta><dc:creator>%s</dc:creator></x:xmpmeta><?xpacket end='w'?>" % who
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Metadata 6 0 R/PieceInfo 11 0 R"
        b"/Resources<</Font<</F 7 0 R>>/XObject<</P 8 0 R>>>>/Annots[9 0 R 10 0 R]>>"
    )
    metadata = b"/Type/Metadata/Subtype/XML"
    return pdf(
        b"<</Title(Part B of %s)/Author(%s)/Producer(%s Office)>>" % (who, who, who),
        stream(b"BT /F 12 Tf 72 700 Td (Text of the page) Tj ET q 9 0 0 9 72 600 cm /P Do Q"),
        stream(xmp, metadata),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        stream(
            b"\xff\x00\x00",
            b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8/Metadata 12 0 R"
            b"/PieceInfo<</Drawing<</LastModified(D:20260101)/Private(Made by %s)>>>>" % who,
        ),
        b"<</Type/Annot/Subtype/Text/Rect[9 9 20 20]/T(%s)/Contents(Seen by %s)>>" % (who, who),
        b"<</Type/Annot/Subtype/Link/Rect[9 9 20 20]/A<</S/URI/URI(https://%s.example)>>>>" % who.split()[0].lower(),
        b"<</Drawing<</LastModified(D:20260101)/Private<</Owner(%s)>>>>>>" % who,
        packed(xmp.replace(who, b"picture-by-" + who), metadata),
        catalog=b"/Metadata 6 0 R", trailer=b"/Info 4 0 R", page=page,
    )  # fmt: skip


def pdf_bomb() -> bytes:
    """An object stream that unpacks to 200 MiB."""
    return pdf(packed(bytes(200 << 20), b"/Type/ObjStm/N 1/First 4"))


def old_word(*parts: str) -> bytes:
    """As much of an OLE file as tells its kind."""
    return OLE_MAGIC + bytes(504) + b"".join(part.encode("utf-16-le") + bytes(64) for part in parts)


_SCRIPT = b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
_SPELLED = _SCRIPT.replace(b"JavaS", b"#4aavaS").replace(b"/JS", b"/#4aS")
_LENGTHS = b"/DecodeParms<</Length 9999>>/Filter/DCTDecode"
GOOD: dict[str, Callable[[], bytes]] = {
    "good.pdf": pdf,
    "with a picture.pdf": lambda: pdf(stream(bytes(range(256)) * 40, b"/Type/XObject/Subtype/Image")),
    "a picture with words by chance.pdf": picture_with_words,
    "packed.pdf": lambda: pdf(packed(b"5 0 <</A/B>>", b"/Type/ObjStm/N 1/First 4")),
    "speaks of scripts.pdf": lambda: pdf(b"<</Title(We teach JavaScript \\(and Launch\\) stream>>stream)>>"),
    "a billion pages of which one is there.pdf": lambda: pdf(pages=b"/Count 1000000000"),
    "good.docx": docx,
    "good.zip": lambda: archive({"folder/a.txt": b"text" * 1000, "b..c.txt": b"x"}),
    "packed otherwise.zip": lambda: archive({"a.txt": b"text" * 1000}, method=zipfile.ZIP_LZMA),
    "hardly packed.zip": lambda: archive({"a.txt": b"text" * 1000}, method=zipfile.ZIP_STORED),
    "good.odt": lambda: archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
    "good.csv": lambda: "PIC;Name\n999999999;Universität Žilina\n".encode(),
    "western.csv": lambda: "PIC;Name\n999999999;Universität\n".encode("cp1252"),
    "wide.txt": lambda: "Universität Žilina".encode("utf-16"),
    "good.png": lambda: b"\x89PNG\r\n\x1a\n" + bytes(100),
    "good.jpg": lambda: b"\xff\xd8\xff\xe0" + bytes(100),
    "good.doc": lambda: old_word("Root Entry", "WordDocument"),
    "good.rtf": lambda: b"{\\rtf1 Hello}",
}
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty.pdf": ("empty", lambda: b""),
    "encrypted.pdf": ("pdf-encrypted", lambda: encrypted_pdf(b"secret")),
    "restricted.pdf": ("pdf-encrypted", lambda: encrypted_pdf(b"")),
    "truncated.pdf": ("pdf-unreadable", lambda: pdf(stream(bytes(20_000)))[:15_000]),
    "noise.pdf": ("pdf-unreadable", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 50 + b"%%EOF"),
    "pages that are not there.pdf": ("pdf-unreadable", lambda: pdf(pages=b"/Count 9000")),
    "a million pages.pdf": ("pdf-unreadable", lambda: pdf(pages=b"/Count 1000000")),
    "bomb.pdf": ("pdf-unreadable", pdf_bomb),
    "odd packing.pdf": ("pdf-unreadable", lambda: pdf(stream(b"x", b"/Type/ObjStm/N 1/First 4/Filter/LZWDecode"))),
    "script.pdf": ("pdf-active", lambda: pdf(catalog=_SCRIPT)),
    "script in another spelling.pdf": ("pdf-active", lambda: pdf(catalog=_SCRIPT.replace(b"JavaS", b"#4aavaS"))),
    "script of the whole.pdf": ("pdf-active", lambda: pdf(catalog=b"/Names<</JavaScript<</Names[(a) 4 0 R]>>>>")),
    "script packed.pdf": ("pdf-active", hidden_in_object_stream),
    "script in a picture.pdf": ("pdf-active", hidden_in_a_picture),
    "script behind comments.pdf": ("pdf-active", hidden_behind_comments),
    "script behind long comments.pdf": ("pdf-active", lambda: hidden_behind_comments(b"9 0 x" * 20_000)),
    "script behind a false stream.pdf": ("pdf-active", lambda: pdf(b"<</A(>>\nstream\n)" + _SCRIPT + b">>")),
    "script behind a commented stream.pdf": ("pdf-active", lambda: pdf(b"<</A 1%>>stream\n" + _SCRIPT + b">>")),
    "script behind a false object.pdf": (
        "pdf-active",
        lambda: pdf(
            catalog=b"/A( 9 0 obj <<>>stream\n)" + _SCRIPT.replace(b"JavaS", b"#4aavaS").replace(b"/JS", b"/#4aS")
        ),
    ),
    "script between two lengths.pdf": (
        "pdf-active",
        lambda: pdf(
            stream(b"x" * 50, b"/DecodeParms<</Length 9999>>/Filter/DCTDecode"), catalog=b"/A 4 0 R" + _SCRIPT
        ),
    ),
    "script in the trailer.pdf": ("pdf-active", lambda: pdf(trailer=_SCRIPT)),
    "launch.pdf": ("pdf-active", lambda: pdf(catalog=b"/OpenAction<</S/Launch/F(calc.exe)>>")),
    "embedded.pdf": ("pdf-active", lambda: pdf(stream(b"MZ", b"/Type/EmbeddedFile"))),
    "embedded without a word.pdf": ("pdf-active", lambda: pdf(b"<</F(a.exe)/EF<</F 5 0 R>>>>", stream(b"MZ"))),
    "film.pdf": ("pdf-active", lambda: pdf(b"<</Subtype/RichMedia>>")),
    "dynamic form.pdf": ("pdf-active", lambda: pdf(catalog=b"/AcroForm<</XFA[(a) 4 0 R]>>")),
    "program.pdf": ("wrong-type", lambda: b"MZ\x90\0" + bytes(500)),
    "text.pdf": ("wrong-type", lambda: b"I am not a PDF"),
    "page.pdf": ("wrong-type", lambda: b"<!DOCTYPE html><script>alert(1)</script>"),
    "page.txt": ("wrong-type", lambda: b"\xef\xbb\xbf <script>alert(1)</script>"),
    "two files.pdf": ("wrong-type", lambda: pdf() + archive({"evil.txt": b"x" * 99})),
    "two files.png": ("wrong-type", lambda: b"\x89PNG\r\n\x1a\n" + archive({"evil.txt": b"x" * 99})),
    "binary.csv": ("wrong-type", lambda: b"a;b\n" + bytes(range(256))),
    "a.pdf.docx": ("wrong-type", pdf),
    "locked.docx": ("wrong-type", lambda: old_word("EncryptedPackage")),
    "program.exe": ("type-not-allowed", lambda: b"MZ\x90\0" + bytes(500)),
    "drawing.svg": ("type-not-allowed", lambda: b"<svg onload='alert(1)'/>"),
    "script.sh": ("type-not-allowed", lambda: b"#!/bin/sh\nrm -rf /\n"),
    "slides.ppt": ("type-not-allowed", lambda: old_word("PowerPoint Document")),
    "bomb.zip": ("zip-bomb", lambda: archive({"a": bytes(64 << 20)})),
    "lying.zip": ("zip-bomb", lying_archive),
    "lying in another packing.zip": ("zip-bomb", lambda: lying_archive(zipfile.ZIP_BZIP2)),
    "boasting.zip": ("zip-unreadable", boasting_archive),
    "short.zip": ("zip-unreadable", short_archive),
    "overlapping.zip": ("zip-bomb", overlapping_archive),
    "many.zip": ("zip-bomb", lambda: archive({f"{n}": b"" for n in range(20_001)}, method=zipfile.ZIP_STORED)),
    "outward.zip": ("zip-path", lambda: archive({"../../etc/cron.d/evil": b"x"})),
    "absolute.zip": ("zip-path", lambda: archive({"/etc/passwd": b"x"})),
    "backslash.zip": ("zip-path", lambda: archive({"..\\..\\evil.dll": b"x"})),
    "drive.zip": ("zip-path", lambda: archive({"C:evil.dll": b"x"})),
    "link.zip": ("zip-path", link_archive),
    "broken.zip": ("zip-unreadable", lambda: archive({"a.txt": b"text" * 999})[:-30]),
    "spoilt.zip": ("zip-unreadable", lambda: archive({"a": b"good"}, method=0).replace(b"good", b"evil", 1)),
    "password.zip": ("encrypted", password_archive),
    "macros.docx": ("macros", lambda: docx(_DOCM, **{"word/vbaProject.bin": b"x"})),
    "quiet macros.docx": ("macros", lambda: docx(**{"word/vbaProject.bin": b"x"})),
    "control.docx": ("macros", lambda: docx(**{"word/activeX/activeX1.bin": b"x"})),
    "macros.odt": (
        "macros",
        lambda: archive({"mimetype": b"application/vnd.oasis.opendocument.text", "Basic/Standard/a.xml": b"x"}),
    ),
    "macros.doc": ("macros", lambda: old_word("WordDocument", "_VBA_PROJECT")),
    "object.rtf": ("macros", lambda: b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}"),
}
NAMES = [
    "x" * 251 + ".pdf",
    "ž" * 300 + ".pdf",
    "cod\u202efdp.exe",
    "👩‍🔬 предложение 提案.pdf",
    "../../a\0b\r\n.pdf",
]


def write(folder: Path) -> list[Path]:
    """Write all of them, and the test virus; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: make() for name, (_, make) in HOSTILE.items()}
    files |= {name: make() for name, make in GOOD.items()}
    files["eicar.txt"] = EICAR
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def _padded(password: bytes) -> bytes:
    return (password + _PAD)[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


if __name__ == "__main__":
    for path in write(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
