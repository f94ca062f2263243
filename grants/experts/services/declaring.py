"""What conflicts are found by and only the expert knows: jobs, publications, the yearly declaration of interests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from grants.audit.services import record
from grants.db import db
from grants.experts import texts
from grants.experts.models import Absence, DeclaredTie, Employment, Expert, Publication
from grants.experts.rules import SECTORS, TIES, read_orcid
from grants.experts.rules.lines import JobLine, PublicationLine
from grants.experts.services.indexing import index
from grants.experts.services.versions import next_version
from grants.experts.states import PROFILE, ProfileState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.findings import Finding
from grants.organisations import queries as organisations
from grants.queue import recheck_conflicts


def declare_interests(
    expert: Expert,
    ties: Sequence[tuple[str, str]],
    *,
    declared: bool,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Renew the declaration with these ties, as (kind, name). Raises Invalid, NotFound, Stale.

    Source: domain.md 8.4.
    """
    _own(expert, actor)
    if not declared:
        message = "Confirm that this is complete: without it you get no proposals."
        raise Invalid(Finding("not-declared", message, place="declared"))
    if any(kind not in TIES or not name.strip() for kind, name in ties):
        raise Invalid(Finding("tie", "Name the person or the organisation of each tie.", place="ties"))
    next_version(expert, "interests", texts.interests, seen=seen)
    expert.ties.clear()
    db.session.flush()
    expert.ties.extend(DeclaredTie(kind=kind, name=name.strip()) for kind, name in ties)
    expert.declared_at = now
    db.session.flush()
    record(expert.ref(), "expert.interests_declared", actor=actor, now=now, facts={"ties": len(ties)})
    recheck_conflicts("expert", expert.id)


def change_background(
    expert: Expert,
    *,
    nationality: str,
    sector: str,
    orcid: str,
    jobs: Sequence[JobLine],
    publications: Sequence[PublicationLine],
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace dated employers and publications. Other employers open a validated profile again.

    Raises Invalid (an ORCID with wrong check digit, an unknown PIC, an end before its begin), NotFound, Stale.
    """
    _own(expert, actor)
    findings = _job_findings(jobs)
    try:
        number = read_orcid(orcid)
    except ValueError:
        findings.append(Finding("orcid", "This is no ORCID: it has 16 digits, the last may be X.", place="orcid"))
    if sector and sector not in SECTORS:
        findings.append(Finding("sector", "Choose one of the sectors.", place="sector"))
    if findings:
        raise Invalid(findings)
    next_version(expert, "background", texts.background, seen=seen)
    before = _jobs_of(expert)
    expert.nationality, expert.sector, expert.changed_at = nationality, sector, now
    expert.orcid = number
    expert.jobs.clear()
    expert.publications.clear()
    db.session.flush()
    expert.jobs.extend(_employment(each) for each in jobs)
    expert.publications.extend(
        Publication(title=each.title, year=each.year, doi=each.doi, authors=list(each.authors))
        for each in publications
    )
    db.session.flush()
    moved = expert.state is ProfileState.VALIDATED and before != _jobs_of(expert)
    if moved or expert.state is ProfileState.RETURNED:
        PROFILE.go(expert, "change", actor=actor, now=now)
        db.session.flush()
    index(expert)
    facts = {"employers": [each.name for each in jobs], "publications": len(publications)}
    record(expert.ref(), "expert.background_changed", actor=actor, now=now, facts=facts)
    recheck_conflicts("expert", expert.id)


def change_absences(
    expert: Expert, absences: Sequence[tuple[date, date]], *, seen: int | None = None, actor: Actor, now: datetime
) -> None:
    """Replace the days on which the expert takes no proposals. Raises Invalid, NotFound, Stale."""
    _own(expert, actor)
    if any(ended < began for began, ended in absences):
        raise Invalid(Finding("absence", "The last day is before the first.", place="absences"))
    next_version(expert, "absences", texts.absences, seen=seen)
    expert.absences.clear()
    db.session.flush()
    expert.absences.extend(Absence(began_on=began, ended_on=ended) for began, ended in absences)
    db.session.flush()
    record(expert.ref(), "expert.absences_changed", actor=actor, now=now, facts={"periods": len(absences)})


def _own(expert: Expert, actor: Actor) -> None:
    if actor.id != expert.account_id:
        raise NotFound


def _job_findings(jobs: Sequence[JobLine]) -> list[Finding]:
    found = []
    for each in jobs:
        if each.ended is not None and each.ended < each.began:
            found.append(Finding("job-days", f"{each.name}: the end is before the begin.", place="jobs"))
        if each.pic and organisations.by_pic(each.pic) is None:
            found.append(Finding("job-pic", f"{each.name}: no organisation has the PIC {each.pic}.", place="jobs"))
    return found


def _employment(line: JobLine) -> Employment:
    organisation = organisations.by_pic(line.pic) if line.pic else None
    return Employment(
        organisation_id=organisation.id if organisation else None, name=line.name, department=line.department,
        began_on=line.began, ended_on=line.ended,
    )  # fmt: skip


def _jobs_of(expert: Expert) -> set[tuple[str, str, date, date | None]]:
    return {(each.name, each.department, each.began_on, each.ended_on) for each in expert.jobs}
