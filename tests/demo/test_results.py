"""What the demo's projects hand in, without a database."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest

from grants.demo import results
from tests.demo.test_plan import PLAN
from uploads.checks import Policy, check
from uploads.kinds import PDF

PROJECT = next(each for each in PLAN.proposals if each.topic.startswith("running"))
PACKAGE = PROJECT.packages[1]


@pytest.mark.parametrize(
    ("made", "pages"),
    [
        (results.deliverable(PROJECT, PACKAGE, PACKAGE.deliverables[-1], made=date(2025, 6, 1)), range(2, 6)),
        (results.report(PROJECT, 1, made=date(2025, 10, 1)), range(4, 12)),
    ],
)
def test_they_have_a_real_length_and_would_pass_the_checks_of_an_upload(made, pages):
    verdict = check(BytesIO(made), name="result.pdf", policy=Policy(frozenset({PDF}), 10 * 1024**2))
    assert verdict.findings == ()
    assert verdict.pages in pages


def test_summaries_differ_by_project_and_period_and_leave_no_gap():
    projects = [each for each in PLAN.proposals if each.topic.startswith("running")]
    texts = [results.period_summary(each, number) for each in projects for number in (1, 2)]
    assert len(set(texts)) == len(texts)
    assert not any(sign in text for text in texts for sign in "[]{}|")
