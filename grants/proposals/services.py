"""Starting, saving, submitting and withdrawing proposals. The deadline is decided by ``now``: see ``guards``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import choice
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from grants.audit.services import record
from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.calls.rules import Phase, next_deadline, phase
from grants.calls.states import CallState
from grants.db import db, refresh_locked
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding, blocking
from grants.organisations import queries as organisations
from grants.organisations.models import Organisation
from grants.organisations.states import OrganisationKind
from grants.proposals import access, blindness, budgeting, consent, facts, history, mails, queries, rules
from grants.proposals.access import CONSORTIUM, FILES, GENERAL, Part, PartKind
from grants.proposals.models import Attachment, BudgetLine, Member, Participant, Proposal, Submission, SubmissionFile
from grants.proposals.queries import Opened
from grants.proposals.states import PROPOSAL, MemberRole, ParticipantRole, ProposalState
from grants.queue import AWAITED, defer, recheck_conflicts

#: Without letters and digits that people confuse when they read a receipt aloud.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: A receipt that is not there after this long is asked for again.
RECEIPT_AGE = timedelta(minutes=10)
RECEIPTS_AT_ONCE = 200
GENERAL_FIELDS = ("acronym", "title", "abstract", "keywords", "duration_months", "women", "men")


def start_draft(
    topic: Topic, *, organisation: Organisation | None, actor: Actor, now: datetime, trial: bool = False
) -> Proposal:
    """Begin a proposal; the actor becomes its main contact, ``organisation`` its coordinator.

    ``trial``: a manager tries the application, also before publication. Raises Refused when the topic is not open, or
    no longer to new proposals of its first stage.
    """
    if actor.id is None or (trial and not actor.manages(topic.call.programme.code)):
        raise NotFound
    if not trial:
        _may_start(topic, actor=actor, now=now)
    proposal = Proposal(
        topic_id=topic.id, created_at=now, changed_at=now, changed_by_id=actor.id, form_number=topic.form_number,
        trial=trial,
    )  # fmt: skip
    proposal.topic = topic
    db.session.add(proposal)
    db.session.flush()
    db.session.add(Member(proposal_id=proposal.id, account_id=actor.id, role=MemberRole.MAIN_CONTACT))
    if organisation is not None:
        _add(proposal, organisation, ParticipantRole.COORDINATOR)
    db.session.flush()
    started = {"topic": topic.identifier} | ({"trial": True} if trial else {})
    record(proposal.ref(), "proposal.started", actor=actor, now=now, facts=started)
    return proposal


def remove_trial(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Take a trial away with all that was typed into it. Raises Refused for what is no trial."""
    proposal = opened.proposal
    if opened.access.member is not MemberRole.MAIN_CONTACT:
        raise Refused("not-main-contact", "A trial is removed by whoever began it.")
    if not proposal.trial:
        raise Refused("no-trial", "This is no trial: withdraw it if it shall not count.", status=409)
    record(proposal.ref(), "proposal.trial_removed", actor=actor, now=now)
    db.session.delete(proposal)
    db.session.flush()


def _may_start(topic: Topic, *, actor: Actor, now: datetime) -> None:
    if topic.call.state is not CallState.PUBLISHED:
        raise Refused("not-published", "This call takes no proposals.", status=409)
    closes = rules.closing(
        topic.deadline_model, first=topic.first_deadline, last=topic.deadline, stage=1, cut_off=None,
        extended_until=None,
    )  # fmt: skip
    if phase(opens_at=topic.opens_at, deadline=closes, now=now) is not Phase.OPEN:
        raise Refused("not-open", "This topic is not open, so no proposal can be started.", status=409)
    if topic.invited_only:
        acting = [each.id for each in organisations.of_account(actor.id or 0)]
        if not calls.is_invited(topic.id, email=actor.email or "", organisation_ids=acting):
            message = "This topic is by invitation: ask its contact, or apply for an invited organisation."
            raise Refused("not-invited", message)


def save_general(opened: Opened, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime) -> int:
    """Save the general part as typed, however incomplete; the new version.

    Raises Stale with both texts when somebody saved since version ``seen``; Invalid when a number is no number
    (the other fields are saved by the next try, nothing typed is dropped).
    """
    access.may_edit(actor, opened.access, now=now).require()
    changed = _general(values)
    proposal = opened.proposal
    mine = (Proposal.id == proposal.id, Proposal.version == seen)
    statement = (
        update(Proposal)
        .where(*mine)
        .values(**changed, version=Proposal.version + 1, changed_at=history.later(now), changed_by_id=actor.id)
    )
    row = db.session.execute(
        statement.returning(Proposal.version).execution_options(synchronize_session=False)
    ).scalar()
    if row is None:
        raise _stale_general(proposal.id, values)
    before = general_texts(proposal)
    after = before | _as_texts(changed)
    history.keep(proposal.id, GENERAL, before, after, actor=actor, now=now)
    return row


def general_texts(proposal: Proposal) -> dict[str, str]:
    """The general part as the form shows it."""
    return _as_texts({name: getattr(proposal, name) for name in GENERAL_FIELDS})


def _as_texts(plain: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: "" if value is None else str(value) for name, value in plain.items()}
    return texts | ({"keywords": ", ".join(plain["keywords"])} if "keywords" in plain else {})


def _general(values: Mapping[str, str]) -> dict[str, object]:
    changed: dict[str, object] = {name: values[name] for name in ("acronym", "title", "abstract") if name in values}
    if "keywords" in values:
        changed["keywords"] = [word.strip() for word in values["keywords"].split(",") if word.strip()]
    found: list[Finding] = []
    for name in ("duration_months", "women", "men"):
        text = values.get(name, "").strip()
        if name not in values:
            continue
        if text and not (text.isascii() and text.isdigit() and len(text) < 5):
            found.append(Finding("not-a-number", "Use a whole number, for example 24.", place=name))
        changed[name] = int(text) if text and not found else None
    if found:
        raise Invalid(found)
    return changed


def _stale_general(proposal_id: int, values: Mapping[str, str]) -> Stale:
    current = db.session.scalars(
        select(Proposal).where(Proposal.id == proposal_id).execution_options(populate_existing=True)
    ).one()
    theirs = general_texts(current)
    differing = {name for name, text in values.items() if name in theirs and theirs[name] != text}
    return Stale(
        current={name: theirs[name] for name in differing}, yours={name: values[name] for name in differing},
        version=current.version, by=current.changed_by.name,
    )  # fmt: skip


def add_participant(
    opened: Opened, organisation: Organisation, *, role: ParticipantRole, actor: Actor, now: datetime
) -> Participant:
    """Add an organisation; the first becomes the coordinator. Raises Invalid when it is in already."""
    access.may_edit(actor, opened.access, now=now).require()
    proposal = opened.proposal
    refresh_locked(proposal)
    if not any(each.role is ParticipantRole.COORDINATOR for each in proposal.participants):
        role = ParticipantRole.COORDINATOR
    elif role is ParticipantRole.COORDINATOR:
        raise Invalid(Finding("coordinator-there", "There is a coordinator already.", place="role"))
    consent.require(proposal, organisation, actor=actor)
    before = history.consortium_of(proposal.id)
    try:
        with db.session.begin_nested():
            row = _add(proposal, organisation, role)
            db.session.flush()
    except IntegrityError:
        raise Invalid(Finding("in-already", f"{organisation.legal_name} is in the consortium already.")) from None
    _touch(proposal, actor=actor, now=now)
    after = [*before, {"identifier": organisation.pic, "name": organisation.legal_name, "role": role.value}]
    history.keep(proposal.id, CONSORTIUM, before, after, actor=actor, now=now)
    consent.tell(proposal, row, organisation, actor=actor, now=now)
    return row


def _add(proposal: Proposal, organisation: Organisation, role: ParticipantRole) -> Participant:
    most = select(func.coalesce(func.max(Participant.position), 0)).where(Participant.proposal_id == proposal.id)
    topic, nonprofit = proposal.topic, organisation.kind is not OrganisationKind.PRC
    rate = topic.nonprofit_rate if nonprofit and topic.nonprofit_rate is not None else topic.funding_rate
    row = Participant(
        proposal_id=proposal.id, organisation_id=organisation.id, role=role,
        position=(db.session.scalar(most) or 0) + 1,
        funding_rate=rate,
    )  # fmt: skip
    db.session.add(row)
    return row


def remove_participant(opened: Opened, participant_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an organisation out; the coordinator only while it is alone. Raises Refused."""
    access.may_edit(actor, opened.access, now=now).require()
    row = queries.participant_row(opened.proposal, participant_id)
    roles = _lock_consortium(opened.proposal)
    if roles.get(row.id) is ParticipantRole.COORDINATOR and len(roles) > 1:
        raise Refused("coordinator", "Make another organisation the coordinator first.", status=409)
    take_out(opened.proposal, row, actor=actor, now=now)
    facts = {"name": row.organisation.legal_name}
    record(opened.proposal.ref(), "proposal.participant_removed", actor=actor, now=now, facts=facts)


def take_out(proposal: Proposal, row: Participant, *, actor: Actor, now: datetime) -> None:
    """An organisation leaves the draft with its budget and its sections, which the history keeps; people who were
    there as its contacts alone leave, too. Rights are the caller's to check."""
    organisation_id, before = row.organisation_id, history.consortium_of(proposal.id)
    after = [each for each in before if each["identifier"] != row.organisation.pic]
    parts = {Part(PartKind.BUDGET, row.id): budgeting.budget_texts(row, proposal.topic)} | {
        Part(PartKind.SECTION, row.id, each.section): each.given
        for each in queries.answers_of_participant(row.id)
    }  # fmt: skip
    for part, content in parts.items():
        history.close(proposal.id, part, organisation_id=organisation_id)
        history.keep(proposal.id, part, content, {}, organisation_id=organisation_id, actor=actor, now=now)
    history.keep(proposal.id, CONSORTIUM, before, after, actor=actor, now=now)
    consent.contacts_leave(proposal.id, row.id)
    db.session.execute(delete(BudgetLine).where(BudgetLine.participant_id == row.id))
    db.session.execute(delete(Participant).where(Participant.id == row.id))
    _touch(proposal, actor=actor, now=now)


def _lock_consortium(proposal: Proposal) -> dict[int, ParticipantRole]:
    """Let nobody else change who is in, and as what, until the end of the transaction. The roles as they are now, by
    the participant's identity: what the request read before may have changed."""
    refresh_locked(proposal)
    rows = db.session.execute(
        select(Participant.id, Participant.role).where(Participant.proposal_id == proposal.id)
    ).all()
    roles = {row.id: row.role for row in rows}
    for each in proposal.participants:
        if each.id in roles:
            set_committed_value(each, "role", roles[each.id])
    return roles


def change_role(
    opened: Opened, participant_id: int, role: ParticipantRole, *, actor: Actor, now: datetime
) -> Participant:
    """What an organisation is in the consortium; its budget and its sections stay. When it becomes the coordinator,
    the old one becomes a beneficiary.

    Raises Refused for a coordinator that would leave the proposal without one, and NotFound for an organisation that
    left meanwhile.
    """
    access.may_edit(actor, opened.access, now=now).require()
    row = queries.participant_row(opened.proposal, participant_id)
    roles = _lock_consortium(opened.proposal)
    if row.id not in roles:
        raise NotFound
    if roles[row.id] is ParticipantRole.COORDINATOR and role is not roles[row.id]:
        raise Refused("coordinator", "Make another organisation the coordinator first.", status=409)
    before = history.consortium_of(opened.proposal.id)
    if role is ParticipantRole.COORDINATOR:
        for each in opened.proposal.participants:
            if each.role is role:
                each.role = ParticipantRole.BENEFICIARY
        db.session.flush()
    row.role = role
    db.session.flush()
    after = history.consortium_of(opened.proposal.id)
    history.keep(opened.proposal.id, CONSORTIUM, before, after, actor=actor, now=now)
    if after != before:
        _touch(opened.proposal, actor=actor, now=now)
    return row


def attach(document: Document, *, now: datetime) -> None:
    """An accepted file becomes part of the draft; a new Part B, or a wanted annex, replaces the old, which is kept.

    Raises Refused when the deadline passed while the file was on its way.
    """
    proposal = db.session.scalars(select(Proposal).where(Proposal.number == int(document.owner_key))).one()
    refresh_locked(proposal)
    if now >= queries.closes_at(proposal):
        raise Refused(
            "deadline-passed", "The deadline passed before the file was checked: it is not in the proposal."
        )
    before = history.files_of(proposal.id)
    if document.kind == "part_b" or document.part:
        earlier = (
            Attachment.proposal_id == proposal.id, Attachment.kind == document.kind,
            Attachment.annex == document.part, Attachment.removed_at.is_(None),
        )  # fmt: skip
        db.session.execute(update(Attachment).where(*earlier).values(removed_at=now))
    db.session.add(
        Attachment(proposal_id=proposal.id, document_id=document.id, kind=document.kind, annex=document.part)
    )
    blindness.ask_for_words(document, proposal)
    by = Actor(id=document.created_by_id, name="")
    _touch(proposal, actor=by, now=now)
    db.session.flush()
    history.keep(proposal.id, FILES, before, history.files_of(proposal.id), actor=by, now=now)


def remove_attachment(opened: Opened, attachment_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a file out of the draft. Submitted versions keep it."""
    access.may_edit(actor, opened.access, now=now).require()
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or attachment.proposal_id != opened.proposal.id or attachment.removed_at is not None:
        raise NotFound
    before = history.files_of(opened.proposal.id)
    attachment.removed_at = now
    _touch(opened.proposal, actor=actor, now=now)
    after = [each for each in before if each["id"] != attachment.id]
    history.keep(opened.proposal.id, FILES, before, after, actor=actor, now=now)


def submit_proposal(opened: Opened, *, actor: Actor, now: datetime, key: UUID) -> Submission:
    """Hand in the draft as it stands: an immutable version, with its receipt in the outbox. Flushes.

    The last version before the deadline counts, so it may be called again; the same ``key`` gives the version
    made the first time. Raises Refused (not this actor; ``now`` is the deadline or later) and Invalid (every
    blocking finding). Source: domain.md 3 and 6.
    """
    proposal = opened.proposal
    if not opened.locked:
        refresh_locked(proposal)  # two tabs at once: one version
    versions = queries.versions(proposal.id)
    if key in versions:
        # before the deadline check: a retry at 17:00:01 gets its receipt
        _require_standing(proposal)
        return queries.submission(proposal.id, versions[key])
    access.may_submit(actor, opened.access, now=now).require()
    draft = facts.examined(proposal)
    if found := blocking(draft.findings):
        raise Invalid(found)
    content = facts.snapshot(proposal, draft.sums)
    submission = Submission(
        proposal_id=proposal.id, number=max(versions.values(), default=0) + 1, key=key, code=_code(),
        submitted_at=now, submitted_by_id=actor.id, content=content,
        content_sha256=sha256(rfc8785.dumps(content)).hexdigest(), requested=draft.sums.requested,
        rules=[each.as_json() for each in draft.outcomes],
        files=[_file(each) for each in proposal.attachments if _counts(each)],
    )  # fmt: skip
    db.session.add(submission)
    proposal.changed_at = now  # all that was saved until now is in it, whenever it was received
    if proposal.state is ProposalState.WITHDRAWN:
        proposal.withdrawn_at = None
    if proposal.topic.deadline_model in rules.CUT_OFFS:
        proposal.cut_off = next_deadline((each.at for each in proposal.topic.deadlines), now=now)
    PROPOSAL.go(
        proposal, "submit", actor=actor, now=now, version=submission.number, content_sha256=submission.content_sha256
    )
    db.session.flush()
    mails.receipt(submission, proposal, now=now)
    ask_for_receipt(submission.id)
    if proposal.topic.first_deadline <= now:  # experts may have been asked already: somebody got more time
        recheck_conflicts("proposal", proposal.id)
    return submission


def _require_standing(proposal: Proposal) -> None:
    """A page from before a withdrawal must not say "submitted" of a proposal that is withdrawn."""
    if proposal.state is ProposalState.WITHDRAWN:
        message = "This proposal was withdrawn after it was handed in. Open the page again to hand it in once more."
        raise Refused("withdrawn", message, status=409)


def ask_for_receipt(submission_id: int) -> None:
    """Let the worker sign the receipt, once the running transaction commits. Repeating is harmless."""
    defer("sign_receipt", lock=f"receipt:{submission_id}", priority=AWAITED, submission_id=submission_id)


def ask_for_missing_receipts(*, now: datetime) -> dict[str, int]:
    """Queue receipts that should be there: of versions from before there were any, or given up by the queue."""
    missing = queries.without_receipt(before=now - RECEIPT_AGE, limit=RECEIPTS_AT_ONCE)
    for submission_id in missing:
        ask_for_receipt(submission_id)
    return {"queued": len(missing)}


def _counts(attachment: Attachment) -> bool:
    return attachment.removed_at is None and attachment.document.state is DocumentState.ACCEPTED


def _file(attachment: Attachment) -> SubmissionFile:
    document = attachment.document
    return SubmissionFile(
        document_id=document.id, kind=attachment.kind, name=document.name, size=document.size,
        sha256=document.sha256, pages=document.pages,
    )  # fmt: skip


def _code() -> str:
    """Twenty signs of thirty: about 98 bits, not to be guessed."""
    signs = "".join(choice(_ALPHABET) for _ in range(20))
    return "-".join(signs[start : start + 5] for start in range(0, 20, 5))


def withdraw(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Withdraw what was submitted; can be undone until the deadline. Raises Refused."""
    access.may_withdraw(actor, opened.access, now=now).require()
    refresh_locked(opened.proposal)
    opened.proposal.withdrawn_at = now
    PROPOSAL.go(opened.proposal, "withdraw", actor=actor, now=now)
    mails.withdrawn(opened.proposal, now=now)


def restore(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Undo a withdrawal before the deadline: the last version counts again. Raises Refused."""
    access.may_withdraw(actor, opened.access, now=now).require()
    refresh_locked(opened.proposal)
    opened.proposal.withdrawn_at = None
    PROPOSAL.go(opened.proposal, "restore", actor=actor, now=now)


def _touch(proposal: Proposal, *, actor: Actor, now: datetime) -> None:
    """Something in the draft changed: it differs from the last submission now."""
    history.touch(proposal.id, actor=actor, now=now)
