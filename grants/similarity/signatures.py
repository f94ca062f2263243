"""Which of many texts are alike, without comparing each with each: MinHash (datasketch), bands, exact overlap.

For the worker and benchmarks: datasketch and numpy take 60 MB, so the web never loads this module.

With ``BANDS`` bands of ``ROWS`` rows, a pair whose shingles are alike to the share s (Jaccard) becomes a candidate
with the chance 1 - (1 - s^ROWS)^BANDS: 99.8 % at s = 1/4, which is two fifths of a text copied into one of the same
length, and 1 % at s = 1/100. What is a candidate by chance is dropped by the estimate, then by the exact overlap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from datasketch import MinHash  # type: ignore[import-untyped]

from grants.similarity.rules import ALIKE, shingles, words_of

BANDS, ROWS = 96, 2
#: Candidates below this estimate are chance: five standard deviations from what half a copied text has.
LEAST_ESTIMATE = 0.12
#: Estimates are computed for so many pairs at a time: it bounds the memory.
AT_ONCE = 100_000

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Signature:
    """A text as numbers: its MinHash (``BANDS * ROWS`` values) and the hashes of its shingles, sorted."""

    values: Hashes
    runs: Hashes


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by their places, the earlier first, and the share of the smaller that both have."""

    first: int
    second: int
    share: float


def signature(text: str) -> Signature:
    """The signature of a text; the same on every machine, so that it may be kept."""
    runs = np.unique(_hashed(shingles(words_of(text))))
    made = MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=int, scheme="affine64")
    made.update_batch(runs)
    return Signature(made.hashvalues.astype(np.uint64), runs)


def _hashed(runs: Iterable[str]) -> Hashes:
    data = b"".join(hashlib.blake2b(run.encode(), digest_size=8).digest() for run in runs)
    return np.frombuffer(data, dtype="<u8").astype(np.uint64)


def alike(known: Sequence[Signature], *, since: int = 0) -> list[Pair]:
    """All pairs of texts that share at least ``ALIKE``, where the later one is at ``since`` or after: what came last
    is compared with all of it. Empty texts are like nothing. Ordered by the share, the highest first."""
    written = [place for place, each in enumerate(known) if len(each.runs)]
    if len(written) < 2:
        return []
    values = np.stack([known[place].values for place in written])
    found = []
    for one, other in candidates(values, since=int(np.searchsorted(written, since))):
        first, second = written[one], written[other]
        share = exact(known[first].runs, known[second].runs)
        if share >= ALIKE:
            found.append(Pair(first, second, share))
    return sorted(found, key=lambda pair: (-pair.share, pair.first, pair.second))


def exact(left: Hashes, right: Hashes) -> float:
    """As ``rules.overlap``, on hashes."""
    smaller = min(len(left), len(right))
    return len(np.intersect1d(left, right, assume_unique=True)) / smaller if smaller else 0.0


def candidates(values: Hashes, *, since: int = 0) -> Iterator[tuple[int, int]]:
    """Pairs of rows that are worth an exact look, each once: the later one at ``since`` or after."""
    bands = (values[:, place : place + ROWS] for place in range(0, BANDS * ROWS, ROWS))
    unique = np.unique(np.concatenate([_same(band, since, len(values)) for band in bands]))
    for start in range(0, len(unique), AT_ONCE):
        part = unique[start : start + AT_ONCE]
        pairs = np.stack([part // len(values), part % len(values)], axis=1)
        estimate = (values[pairs[:, 0]] == values[pairs[:, 1]]).mean(axis=1)
        yield from map(tuple, pairs[estimate >= LEAST_ESTIMATE].tolist())


def _same(band: Hashes, since: int, count: int) -> npt.NDArray[np.int64]:
    """Pairs with equal values in a band, as ``first * count + second``."""
    order = np.lexsort(band.T)
    changes = np.flatnonzero((np.diff(band[order], axis=0) != 0).any(axis=1)) + 1
    found = [np.empty(0, dtype=np.int64)]
    for group in np.split(order, changes):
        if len(group) < 2 or group.max() < since:
            continue
        members = np.sort(group)
        first, second = np.triu_indices(len(members), k=1)
        later = members[second] >= since
        found.append((members[first] * count + members[second])[later])
    return np.concatenate(found)
