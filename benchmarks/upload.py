"""100 MiB to each store: what a check costs over a bare SHA-256 of the same bytes read the same way, and memory.

``memory_growth_mb`` is that of the process that checks: the web worker itself never holds the bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
import statistics
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable

from benchmarks.runner import Benchmark, Goal, say
from uploads import kinds
from uploads.checks import Policy, check
from uploads.opening import open_storage
from uploads.port import CHUNK, Storage, incoming_key

ROUNDS = 7
SIZE = 100 << 20
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


def figures() -> dict[str, float]:
    """Every kind of file on the folder and, where ``TEST_S3_URL`` names one, on the S3 server; the worst of each."""
    found: dict[str, float] = {}
    worst: dict[str, list[float]] = {"check_ratio": [], "memory_growth_mb": []}
    with tempfile.TemporaryDirectory() as folder:
        stores = {"folder": f"file://{folder}"}
        if os.environ.get("TEST_S3_URL"):
            stores["s3"] = os.environ["TEST_S3_URL"]
        for store, url in stores.items():
            for name, measured in of_store(url).items():
                say(f"{store} {name}: {measured}")
                for key, values in worst.items():
                    values.append(measured[key])
                found[f"check_ratio_{store}_{name}"] = measured["check_ratio"]
    return found | {key: max(values) for key, values in worst.items()}


def of_store(url: str) -> dict[str, dict[str, float]]:
    """One file of each kind put into a store, measured, removed."""
    storage = open_storage(url, secret_key="benchmark", base_url="http://127.0.0.1")
    storage.prepare()
    found = {}
    for name, make in (("pdf", pdf), ("csv", table), ("zip", archive)):
        key = incoming_key()
        storage.put(key, io.BytesIO(make(SIZE)), "application/octet-stream")
        found[name] = in_a_process(lambda key=key, name=name: measure(storage, key, f"a.{name}"))  # type: ignore[misc]
        storage.delete(key)
    return found


def in_a_process(act: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What ``act`` gives in a process of its own: making the file must not hide what its check takes."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(into, json.dumps(act()).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    found: dict[str, float] = json.loads(text)
    return found


BENCHMARK = Benchmark(
    "upload",
    (Goal("memory_growth_mb", 20, at_least=False), Goal("check_ratio", 1.3, at_least=False)),
    figures,
)
