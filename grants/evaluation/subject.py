"""What an expert reads of the proposal itself: in a blind evaluation, what names its applicants is not loaded.

The acronym is withheld with the names: it is often an organisation's, and always leads to who applies. So are annexes
(letters, CVs, tables of partners); Part B comes as the copy of ``proposals.shortening``. Source: domain.md 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import defer

from grants.db import db
from grants.documents.models import Document
from grants.evaluation.queries import Opened
from grants.proposals import shortening
from grants.proposals.models import Proposal, Submission, SubmissionFile
from grants.proposals.queries import page_limit_of

PART_B = "part_b"


@dataclass(frozen=True, slots=True)
class Party:
    """One participant. ``name``: the organisation, or its number where names are withheld; ``country`` then empty.
    Amounts in euro, as texts."""

    name: str
    country: str
    role: str
    total: str
    requested: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One file. ``id`` is that of the file as it was handed in; ``name`` is neutral where names are withheld."""

    id: UUID
    kind: str
    name: str
    size: int
    pages: int | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The submitted version that counts, as one expert sees it now. ``acronym``: empty where names are withheld."""

    number: int
    acronym: str
    title: str
    abstract: str
    duration_months: str
    requested: str
    parties: tuple[Party, ...]
    papers: tuple[Paper, ...]
    withheld: bool

    @property
    def label(self) -> str:
        """How pages call it."""
        return f"{self.number} {self.acronym}".strip()

    @property
    def part_b(self) -> Paper | None:
        """The text that is judged."""
        return next((each for each in self.papers if each.kind == PART_B), None)


def subject(opened: Opened) -> Subject | None:
    """The proposal of an assignment; None where nothing was submitted. Two statements."""
    return of(opened.assignment.proposal, withheld=opened.access.withheld)


def of(proposal: Proposal, *, withheld: bool) -> Subject | None:
    """The same for whoever judges it. ``withheld``: who applies is not shown."""
    return _withheld(proposal) if withheld else _whole(proposal)


def copy_for_experts(paper: Paper, proposal: Proposal, *, withheld: bool) -> Document | None:
    """What experts read for a file, without its name where names are withheld; None while there is no copy yet."""
    return shortening.for_evaluators(_document(paper, withheld), page_limit_of(proposal), blind=withheld)


def ask_for_copy(paper: Paper, proposal: Proposal, *, withheld: bool) -> None:
    """Have the worker make it."""
    shortening.ask_for(_document(paper, withheld), page_limit_of(proposal), blind=withheld)


def _document(paper: Paper, withheld: bool) -> Document:
    spared = (defer(Document.name),) if withheld else ()
    return db.session.scalars(select(Document).where(Document.public_id == paper.id).options(*spared)).one()


def _whole(proposal: Proposal) -> Subject | None:
    version = db.session.scalar(_last(proposal.id, Submission))
    if version is None:
        return None
    content = version.content
    return Subject(
        number=proposal.number, acronym=content["acronym"], title=content["title"], abstract=content["abstract"],
        duration_months=str(content["duration_months"]), requested=content["requested"],
        parties=tuple(
            Party(each["name"], each["country"], each["role"], each["total"], each["requested"])
            for each in content["participants"]
        ),
        papers=_papers(version.id), withheld=False,
    )  # fmt: skip


def _withheld(proposal: Proposal) -> Subject | None:
    content = Submission.content
    plain = ("title", "abstract", "duration_months", "requested")
    row = db.session.execute(
        _last(
            proposal.id, Submission.id, *(content[name].astext for name in plain),
            *(_of_each(name) for name in ("role", "total", "requested")),
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    identity, title, abstract, months, requested, *rows = row
    return Subject(
        number=proposal.number, acronym="", title=title, abstract=abstract, duration_months=months,
        requested=requested,
        parties=tuple(
            Party(f"Participant {place}", "", *each) for place, each in enumerate(zip(*rows, strict=True), start=1)
        ),
        papers=_papers(identity, neutral=f"{proposal.number} Part B.pdf"), withheld=True,
    )  # fmt: skip


def _last(proposal_id: int, *columns: object) -> Any:
    of = select(*columns).where(Submission.proposal_id == proposal_id)  # type: ignore[call-overload]
    return of.order_by(Submission.number.desc()).limit(1)


def _of_each(name: str) -> ColumnElement[Any]:
    """One value of every participant, without the rest of them."""
    path = cast(f"$.participants[*].{name}", JSONPATH)
    return func.jsonb_path_query_array(Submission.content, path, type_=JSONB)


def _papers(submission_id: int, *, neutral: str = "") -> tuple[Paper, ...]:
    """``neutral``: what Part B is called where names are withheld; then there is nothing else."""
    name = literal(neutral) if neutral else SubmissionFile.name
    rows = (
        select(Document.public_id, SubmissionFile.kind, name, SubmissionFile.size, SubmissionFile.pages)
        .join(Document, Document.id == SubmissionFile.document_id)
        .where(SubmissionFile.submission_id == submission_id)
        .order_by(SubmissionFile.id)
    )
    if neutral:
        rows = rows.where(SubmissionFile.kind == PART_B)
    return tuple(Paper(*row) for row in db.session.execute(rows))
