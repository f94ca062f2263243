"""Letters about calls: answers to questions, invitations to apply."""

from __future__ import annotations

from datetime import datetime

from grants.accounts import queries as accounts
from grants.calls.models import CallQuestion, Topic, TopicInvitation
from grants.notifications import letters
from grants.organisations import queries as organisations


def answered(question: CallQuestion, *, now: datetime) -> None:
    """Tells the asker what is published, or why it is not."""
    asker = accounts.account(question.asked_by_id)
    if asker is None or asker.disabled_at is not None:
        return
    letters.write(
        "question_answered", key=f"question:{question.id}:{now.isoformat()}", address=asker.email,
        about=question.call.ref(), now=now, account_id=asker.id, name=asker.name, call=question.call,
        question=question, published=question.state.value == "published",
    )  # fmt: skip


def invited(invitation: TopicInvitation, topic: Topic, *, now: datetime) -> None:
    """Tells the invited person, or everybody who acts for the organisation, that they may apply."""
    people: list[tuple[int | None, str, str]] = [(None, "reader", invitation.email)]
    if invitation.organisation_id is not None:
        acting = organisations.representatives_of(invitation.organisation_id)
        people = [(each.id, each.name, each.email) for each in acting]
    for account_id, name, address in people:
        letters.write(
            "topic_invitation", key=f"topic-invitation:{invitation.id}:{address}", address=address,
            about=topic.ref(), now=now, account_id=account_id, name=name, topic=topic,
            deadline=topic.first_deadline, zone=topic.call.zone,
        )  # fmt: skip
