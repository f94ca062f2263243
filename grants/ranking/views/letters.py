"""Letters of result: looked at and counted, then sent; which were opened and count as received."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from grants.calls.models import Topic
from grants.db import transaction
from grants.kernel.actor import Role
from grants.kernel.errors import NotFound, Refused
from grants.kernel.numbers import whole
from grants.notifications import letters
from grants.proposals import queries as proposals
from grants.ranking import access, forms, mails, queries, rules, services
from grants.ranking.models import Placement
from grants.ranking.states import Decision
from grants.ranking.views.blueprint import STAFF, bp, list_url, ranked_of
from grants.web import guards, listing
from grants.web.filters import plural


@bp.route("/manage/topics/<identifier>/ranking/letters", methods=["GET", "POST"])
def result_letters(identifier: str) -> ResponseReturnValue:
    """All letters with their count and numbers; one of each kind in full. POST sends them."""
    actor, form = guards.staff(Role.MANAGER), forms.SendForm()
    topic, ranking = ranked_of(actor, identifier)
    programme = topic.call.programme.code
    access.may_send_letters(actor, programme=programme, state=ranking.state).require()
    rows = queries.all_placements(ranking.id)
    if form.validate_on_submit():
        if not form.checked.data:
            form.checked.errors = ["Look at the letters first, then tick this box."]
        else:
            try:
                count = whole(form.count.data, -1)
                with transaction():
                    sent = services.send_letters(ranking, count=count, actor=actor, now=guards.received_at())
                flash(f"{plural(sent, 'letter')} sent. Coordinators can read their reports now.", "success")
                return redirect(list_url(identifier))
            except Refused as problem:
                if problem.code != "count":
                    raise
                flash(problem.message, "error")
    form.count.data = str(len(rows))
    return render_template(
        "ranking/letters.html", topic=topic, ranking=ranking, form=form, groups=_groups(rows, topic), total=len(rows)
    ), 422 if form.has_errors else 200


def _groups(rows: Any, topic: Topic) -> list[dict[str, Any]]:
    """Letters by kind: their numbers with addresses, and the text of the chosen or first one."""
    ids = [row.proposal_id for row in rows]
    contacts, versions = proposals.main_contacts(ids), queries.versions(ids)
    wanted = request.args.get("number", "")
    groups = []
    for decision in Decision:
        inside = [row for row in rows if row.decision is decision]
        if not inside:
            continue
        shown = next((row for row in inside if str(row.proposal.number) == wanted), inside[0])
        known = mails.facts(shown, contacts[shown.proposal_id], versions[shown.proposal_id], topic)
        subject, body = letters.render(mails.kind_of(shown), **known)
        groups.append(
            {
                "decision": decision, "rows": inside, "contacts": contacts, "shown": shown, "subject": subject,
                "body": body,
            }
        )  # fmt: skip
    return groups


@bp.get("/manage/topics/<identifier>/ranking/notifications")
def notifications(identifier: str) -> ResponseReturnValue:
    """Which results were sent, opened, and count as received."""
    actor, now = guards.staff(*STAFF), guards.received_at()
    topic, ranking = ranked_of(actor, identifier)
    if ranking.informed_at is None:
        raise NotFound
    page = listing.page(
        queries.placements(ranking.id), [Placement.place], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    notices = {each.id: queries.notice_of(each, informed_at=ranking.informed_at, topic=topic) for each in page.rows}
    deemed_at = rules.days_after(ranking.informed_at, topic.deemed_days, zone=ZoneInfo(topic.call.zone))
    opened, total = queries.opened_counts(ranking, deemed_at=deemed_at)
    return render_template(
        "ranking/notifications.html", topic=topic, ranking=ranking, page=page, notices=notices, now=now,
        letters=queries.letters_of(ranking, [each.proposal.number for each in page.rows]),
        versions=queries.versions([each.proposal_id for each in page.rows]), opened=opened, total=total,
        deemed_at=deemed_at, actor=actor,
    )  # fmt: skip
