"""Names in Part B: what was read once is remembered, and says the same."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from grants.db import db
from grants.experts.facts import Weighing
from grants.experts.rules import Named, Remembered
from grants.proposals.models import Submission
from grants.similarity.models import SubmissionText
from grants.similarity.queries import PART_B
from tests.factories.calls import topic
from tests.factories.evaluation import expert
from tests.factories.proposals import submitted

NOW = datetime(2026, 10, 2, tzinfo=UTC)
names = st.lists(st.sampled_from(["Ann Ash", "Bo Béla", "Ann", "Zoë Zu"]), max_size=4)


@given(st.text() | names.map(" and ".join), names)
def test_what_is_remembered_of_a_text_is_what_it_says(text, asked):
    named = Named([text])
    kept = Remembered({each: each in named for each in asked})
    assert [each in kept for each in asked] == [each in named for each in asked]


def codes(expert_, proposal):
    found = Weighing([expert_], [proposal.id], proposal.topic, now=NOW).pair(proposal.id, expert_.id).found
    return [each.code for each in found]


def test_a_text_is_read_once_for_the_same_names(app):
    proposal = submitted(topic())
    version = db.session.query(Submission).filter_by(proposal_id=proposal.id).one()
    ann, bo = expert("Ann Ash"), expert("Bo Birch")
    assert codes(ann, proposal) == []  # the text is not kept yet: nothing is remembered of it
    kept = SubmissionText(submission_id=version.id, kind=PART_B, text="By Ash Ann and others.", minhash=b"")
    db.session.add(kept)
    db.session.flush()
    assert codes(ann, proposal) == ["named-in-part-b"]
    kept.text = "By Bo Birch."  # what never happens: a version stays as it is
    db.session.flush()
    assert codes(ann, proposal) == ["named-in-part-b"]
    assert codes(bo, proposal) == ["named-in-part-b"]
