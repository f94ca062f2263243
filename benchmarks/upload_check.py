"""What a check costs over a bare SHA-256 of the same bytes read the same way, and how far memory grows.

    python benchmarks/upload_check.py [s3://bucket?endpoint=…&access_key=…&secret_key=… | file:///folder] [MiB]

Prints one line of JSON per kind of file: medians in seconds, ``check_ratio``, ``memory_growth_mb``. Without an
address, a folder that is removed afterwards.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
import statistics
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable

from uploads import kinds
from uploads.checks import Policy, check
from uploads.opening import open_storage
from uploads.port import CHUNK, Storage, incoming_key

ROUNDS = 7
POLICY = Policy(frozenset({kinds.PDF, kinds.ZIP, kinds.CSV}), max_size=1 << 30)


def pdf(size: int) -> bytes:
    """One page and a picture of noise that fills the file."""
    noise = os.urandom(size)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</A 4 0 R>>>>>>",
        b"<</Type/XObject/Subtype/Image/Filter/DCTDecode/Length %d>>\nstream\n%s\nendstream" % (size, noise),
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
    return out.getvalue()


def archive(size: int) -> bytes:
    """An archive of a file that does not compress."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("noise.bin", os.urandom(size))
    return out.getvalue()


def table(size: int) -> bytes:
    """A table in ASCII."""
    line = b"101234567;Institute of Testing;12345.67\n"
    return line * (size // len(line))


def measure(storage: Storage, key: str, name: str) -> dict[str, float]:
    """Bare hash and check in turn, so that both meet the same machine."""
    bare, checked = [], []
    run_bare(storage, key)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(ROUNDS):
        bare.append(timed(lambda: run_bare(storage, key)))
        checked.append(timed(lambda: run_check(storage, key, name)))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ratio = statistics.median(checked) / statistics.median(bare)
    return {
        "bare_s": round(statistics.median(bare), 4),
        "check_s": round(statistics.median(checked), 4),
        "check_ratio": round(ratio, 2),
        "memory_growth_mb": round((after - before) / 1024, 1),
    }


def run_bare(storage: Storage, key: str) -> None:
    """SHA-256 with the same reads."""
    digest, buffer = hashlib.sha256(), bytearray(CHUNK)
    view = memoryview(buffer)
    with storage.open(key) as source:
        while count := source.readinto(view):
            digest.update(view[:count])


def run_check(storage: Storage, key: str, name: str) -> None:
    """Our check; the file must be found good."""
    with storage.open(key) as source:
        verdict = check(source, name=name, policy=POLICY)
    assert verdict.accepted, verdict


def timed(act: Callable[[], None]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def main() -> None:
    """Put one file of each kind, measure, remove."""
    size = (int(sys.argv[2]) if len(sys.argv) > 2 else 100) << 20
    with tempfile.TemporaryDirectory(dir="var" if os.path.isdir("var") else None) as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"file://{folder}"
        storage = open_storage(url, secret_key="benchmark", base_url="http://127.0.0.1")
        storage.prepare()
        keys = {}
        for name, make in (("a.pdf", pdf), ("a.csv", table), ("a.zip", archive)):
            keys[name] = incoming_key()
            data = make(size)
            storage.put(keys[name], io.BytesIO(data), "application/octet-stream")
        del data
        for name, key in keys.items():
            # a process of its own: the making above must not hide what the check itself takes
            child = os.fork()
            if not child:
                try:
                    line = {"store": url.partition(":")[0], "file": name} | measure(storage, key, name)
                    print(json.dumps(line), flush=True)
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            storage.delete(key)


if __name__ == "__main__":
    main()
