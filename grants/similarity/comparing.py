"""The worker's part: texts of new versions, their signatures, and the pairs that share a good part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np
from sqlalchemy.dialects.postgresql import insert

from grants.db import db
from grants.documents.store import Store
from grants.proposals.models import Submission
from grants.proposals.reading import LARGEST, MOST_SIGNS, pages_of_pdf
from grants.similarity import queries, rules
from grants.similarity.models import SimilarPair, SubmissionText
from grants.similarity.queries import ABSTRACT, PART_B
from grants.similarity.signatures import Hashes, candidates, signature

#: Versions of one run: a job stays short whatever is uploaded.
AT_ONCE = 200


def compare_pending(*, store: Store, now: datetime) -> int:
    """Compare last versions whose deadline has passed with all texts kept; how many. Does not commit."""
    new = queries.pending(now=now, limit=AT_ONCE)
    for kind in (ABSTRACT, PART_B):
        known = queries.signatures(kind)
        for submission in new:
            _keep(submission, kind, store)
        db.session.flush()
        _compare(kind, since=len(known), now=now)
    return len(new)


def _keep(submission: Submission, kind: str, store: Store) -> None:
    text = submission.content["abstract"] if kind == ABSTRACT else part_b_text(submission, store)
    if not text.strip() and kind != ABSTRACT:  # a scan without text; the abstract's row says that it was compared
        return
    values = signature(text).values.astype("<u8").tobytes()
    db.session.add(SubmissionText(submission_id=submission.id, kind=kind, text=text, minhash=values))


def part_b_text(submission: Submission, store: Store) -> str:
    """The text layer of Part B; empty where it has none or is too large."""
    files = [each for each in submission.files if each.kind == PART_B and each.size <= LARGEST]
    if not files or files[0].document.object_key is None:
        return ""
    with store.storage.open(files[0].document.object_key) as source:
        return text_of_pdf(source.read() or b"")


def text_of_pdf(data: bytes) -> str:
    """The text layer of a PDF; empty where it cannot be read."""
    return "\n".join(pages_of_pdf(data))[:MOST_SIGNS]


def _compare(kind: str, *, since: int, now: datetime) -> None:
    rows = queries.signatures(kind)
    if len(rows) < 2 or since == len(rows):
        return
    values: Hashes = np.stack([np.frombuffer(row[2], dtype="<u8") for row in rows]).astype(np.uint64)
    near = [pair for pair in candidates(values, since=since) if len({rows[place][1] for place in pair}) == 2]
    runs = {place: _runs(rows[place][0]) for place in sorted({place for pair in near for place in pair})}
    usual = rules.usual(list(runs.values()))
    own = {place: found - usual for place, found in runs.items()}
    shares = [(first, second, _share(own[first], own[second])) for first, second in near]
    _store([(rows[one][0], rows[two][0], share) for one, two, share in shares if share >= rules.ALIKE], kind, now=now)


def _share(left: set[str], right: set[str]) -> float:
    return rules.overlap(left, right) if min(len(left), len(right)) >= rules.LEAST else 0.0


def _runs(row_id: int) -> set[str]:
    return set(rules.shingles(rules.words_of(queries.text_row(row_id).text)))


def _store(found: Sequence[tuple[int, int, float]], kind: str, *, now: datetime) -> None:
    for first, second, share in found:
        row = {
            "kind": kind, "first_id": queries.text_row(first).submission_id,
            "second_id": queries.text_row(second).submission_id,
            "share": Decimal(str(round(100 * share, 3))), "found_at": now,
        }  # fmt: skip
        db.session.execute(insert(SimilarPair).values(row).on_conflict_do_nothing())
