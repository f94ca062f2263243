"""The discussion of a consensus: experts under their letters, and the moderator; a wish for one more expert."""

from __future__ import annotations

from datetime import datetime

from grants.audit.services import record
from grants.db import db
from grants.evaluation import access, mails
from grants.evaluation.models import Consensus, Remark
from grants.evaluation.queries import Opened
from grants.evaluation.states import ConsensusState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding

#: Characters of one remark.
LONGEST = 5000


def say(opened: Opened, text: str, *, actor: Actor, now: datetime) -> Remark:
    """An expert says something to the other experts and the moderator. Raises Refused, Invalid for no words."""
    access.may_discuss(actor, opened.access).require()
    if opened.consensus is None:
        raise NotFound
    return _keep(opened.consensus, text, actor=actor, now=now, assignment_id=opened.assignment.id)


def moderate(consensus: Consensus, text: str, *, actor: Actor, now: datetime) -> Remark:
    """The programme manager says something as the moderator. Raises Refused, Invalid for no words."""
    access.may_manage(actor, programme=consensus.proposal.topic.call.programme.code).require()
    if consensus.state is ConsensusState.APPROVED:
        raise Refused("approved", "The consensus is approved: the discussion is over.", status=409)
    return _keep(consensus, text, actor=actor, now=now, assignment_id=None)


def _keep(consensus: Consensus, text: str, *, actor: Actor, now: datetime, assignment_id: int | None) -> Remark:
    words = text.strip()
    if not words or len(words) > LONGEST:
        message = "Write something." if not words else f"Write at most {LONGEST} characters."
        raise Invalid(Finding("remark", message, place="remark"))
    if actor.id is None:
        raise NotFound
    remark = Remark(
        consensus_id=consensus.id, assignment_id=assignment_id, written_by_id=actor.id, text=words, at=now
    )
    db.session.add(remark)
    db.session.flush()
    return remark


def ask_for_expert(opened: Opened, reason: str, *, actor: Actor, now: datetime) -> None:
    """The rapporteur asks the managers for one more expert. Raises Refused, Invalid without a reason.

    Source: domain.md 8.1 (no consensus: an extra expert).
    """
    access.may_discuss(actor, opened.access).require()
    if not opened.assignment.rapporteur:
        raise Refused("not-rapporteur", "The rapporteur asks for another expert.")
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say what another expert should bring.", place="reason"))
    record(opened.assignment.ref(), "consensus.expert_wanted", actor=actor, now=now, reason=reason.strip())
    mails.expert_wanted(opened.assignment, reason=reason.strip(), now=now)
