"""The ranked list with its funding line, decisions, letters; the result as applicants read it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.facts import criteria_facts
from grants.calls.models import Call, Topic
from grants.calls.states import CallState
from grants.db import transaction
from grants.evaluation import facts as evaluated
from grants.evaluation import queries as evaluation
from grants.evaluation.models import Consensus
from grants.evaluation.rules import threshold_failures
from grants.evaluation.states import Answer
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.money import ZERO, parse_amount
from grants.kernel.numbers import whole
from grants.notifications import letters
from grants.proposals import queries as proposals
from grants.proposals.models import Proposal
from grants.proposals.queries import Opened
from grants.proposals.states import MemberRole
from grants.ranking import access, clocks, facts, forms, mails, outlooks, queries, reports, rules, services
from grants.ranking.models import Placement, Ranking
from grants.ranking.states import Decision
from grants.web import guards, listing
from grants.web.filters import number as plain_number
from grants.web.filters import plural

bp = Blueprint("ranking", __name__)
_STAFF = (Role.MANAGER, Role.AUDITOR)
_HOME_ROWS = 6
_ANSWERS = {"yes": "Yes", "no": "No"}
_MISFITS = {each.value: each.label for each in rules.Misfit}
CHANGED = "The list changed since you opened it. Look at it as it is now, then go on."


def result_slot(*, proposal: Proposal, **_: Any) -> str:
    """On a proposal's overview: the way to its result once the letter is out."""
    return render_template("ranking/_result.html", proposal=proposal) if proposal.decided_at else ""


def home_slot(*, actor: Actor, **_: Any) -> str:
    """On a manager's first page: lists to decide on, letters to send."""
    lists = queries.open_lists(actor, limit=_HOME_ROWS) if actor.has(Role.MANAGER) else ()
    return render_template("ranking/_home.html", lists=lists, batches=queries.batch_numbers(lists)) if lists else ""


@bp.url_defaults
def _same_batch(_endpoint: str, values: dict[str, Any]) -> None:
    """Whoever works on a batch stays in it: the links and forms of its pages carry its number."""
    if request and "batch" in request.args and "identifier" in values:
        values.setdefault("batch", request.args["batch"])


def call_slot(*, call: Call, now: datetime, **_: Any) -> str:
    """On the managers' page of a call: until when applicants have to be told."""
    published = call.state is CallState.PUBLISHED and bool(call.topics)
    found = clocks.to_inform(call.topics) if published else {}
    return render_template("ranking/_clocks.html", topics=call.topics, clocks=found, now=now) if found else ""


def _topic(actor: Actor, identifier: str) -> tuple[Topic, Ranking | None]:
    """The topic with the list that the address asks for: that of the topic, or of one batch."""
    topic = calls.topic_for_work(actor, identifier)
    _, batch = _batches(topic)
    return topic, queries.seen_ranking(actor, topic, batch.cut_off if batch else None)


def _batches(topic: Topic) -> tuple[list[rules.Batch], rules.Batch | None]:
    """All batches of a topic with cut-offs, and the one that the address asks for. Raises NotFound."""
    found = facts.batches_of(topic, now=guards.received_at())
    if not found:
        return [], None
    wanted = request.args.get("batch")
    try:
        return found, rules.chosen(found, whole(wanted) if wanted else None)
    except LookupError as problem:
        raise NotFound from problem


def _ranked(actor: Actor, identifier: str) -> tuple[Topic, Ranking]:
    topic, ranking = _topic(actor, identifier)
    if ranking is None:
        raise NotFound
    return topic, ranking


@bp.get("/manage/topics/<identifier>/ranking")
def ranked(identifier: str) -> ResponseReturnValue:
    topic, ranking = _topic(guards.staff(*_STAFF), identifier)
    return _page(topic, ranking)


def _page(
    topic: Topic, ranking: Ranking | None, *, findings: Any = (), budget_form: forms.BudgetForm | None = None
) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    all_batches, batch = _batches(topic)
    seed = rules.seed_of(topic.lottery_seed, batch.cut_off if batch else None)
    programme, state = topic.call.programme.code, ranking.state if ranking else None
    may_change = access.may_change_ranking(actor, programme=programme, state=state)
    what_if, wrong = _what_if(request.args.get("budget", ""))
    outcome = request.args.get("outcome", "")
    page = listing.page(
        queries.placements(ranking.id, outcome=outcome), [Placement.place], after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")),
    ) if ranking else None  # fmt: skip
    rows = page.rows if page else []
    summary = queries.summary(ranking) if ranking else None
    shown = [row.proposal_id for row in rows]
    body = render_template(
        "ranking/list.html", topic=topic, ranking=ranking, page=page, outcome=outcome, outcomes=list(rules.Outcome),
        versions=queries.versions(shown), scores=evaluation.scores_of(shown), criteria=topic.criteria,
        suggestion=services.suggestion, decisions=list(Decision), findings=findings, may_change=may_change,
        may_send=access.may_send_letters(actor, programme=programme, state=state),
        may_confirm=access.may_confirm(
            actor, programme=programme, state=state, prepared_by=ranking.prepared_by_id if ranking else None
        ),
        may_send_back=access.may_send_back(actor, programme=programme, state=state),
        prepared_by=queries.account_name(ranking.prepared_by_id) if ranking and ranking.prepared_by_id else "",
        summary=summary, bins=_bins(topic, summary),
        what_if=_other_line(ranking, what_if), what_if_text=request.args.get("budget", ""), what_if_wrong=wrong,
        form=forms.ListForm(formdata=None, data={"version": str(ranking.version) if ranking else ""}),
        reopen=forms.ReopenForm(formdata=None), seed=seed, seed_hash=sha256(seed.encode()).hexdigest(), now=now,
        batches=all_batches, batch=batch, budget_form=budget_form or forms.BudgetForm(formdata=None),
        decided_by=queries.account_name(ranking.decided_by_id) if ranking and ranking.decided_by_id else "",
        actor=actor, clocks=clocks.to_inform([topic])[topic.id],
    )  # fmt: skip
    return body, 422 if findings or wrong or budget_form else 200


def _what_if(text: str) -> tuple[Decimal | None, str]:
    try:
        return (parse_amount(text) if text.strip() else None), ""
    except ValueError:
        return None, "Use digits only, for example 24000000."


def _other_line(ranking: Ranking | None, budget: Decimal | None) -> dict[str, Any] | None:
    """Whom another budget would fund, by the rules alone."""
    if ranking is None or budget is None:
        return None
    ordered = queries.requests_in_order(ranking.id)
    topic = ranking.topic
    lines = rules.funding_line(
        [amount for _, amount in ordered],
        budget=budget,
        on_misfit=topic.on_misfit,
        least_offer=topic.min_grant or ZERO,
    )
    main = [place for (place, _), line in zip(ordered, lines, strict=True) if line.outcome is rules.Outcome.MAIN]
    spent = lines[-1].cumulated if lines else Decimal(0)
    return {"budget": budget, "funded": len(main), "spent": spent, "left": budget - spent,
            "last": main[-1] if main else 0}  # fmt: skip


def _bins(topic: Topic, summary: queries.Summary | None) -> dict[str, Any] | None:
    """Totals in at most 20 bins, and the bin where the threshold lies."""
    if summary is None:
        return None
    most = sum((each.maximum for each in topic.criteria), Decimal(0))
    width = max((most / 20).to_integral_value(), Decimal(1))
    counts = [0] * (int(most / width) + 1)
    for reached, count in summary.totals:
        counts[int(reached / width)] += count
    threshold = int(topic.overall_threshold / width) if topic.overall_threshold is not None else None
    labels = [plain_number(width * index) for index in range(len(counts))]
    return {"counts": counts, "threshold": threshold, "labels": labels}


def _list_url(identifier: str) -> str:
    return url_for(".ranked", identifier=identifier)


@bp.post("/manage/topics/<identifier>/ranking/compute")
def compute(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.BudgetForm()
    topic, ranking = _topic(actor, identifier)
    if not form.validate():
        return _page(topic, ranking, budget_form=form)
    _, batch = _batches(topic)
    try:
        with transaction():
            services.compute_ranking(
                topic,
                actor=actor,
                now=guards.received_at(),
                cut_off=batch.cut_off if batch else None,
                budget=form.budget.amount if batch else None,
            )
    except Invalid as problem:
        return _page(topic, ranking, findings=problem.findings)
    flash("The list is computed from the approved consensus scores.", "success")
    return redirect(_list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/decisions")
def note(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ListForm()
    topic, ranking = _ranked(actor, identifier)
    try:
        with transaction():
            services.save_decisions(
                ranking, forms.decisions(request.form), seen=form.seen, actor=actor, now=guards.received_at()
            )
        flash("Your decisions are noted. Nothing is final until you decide on the whole list.", "success")
    except Invalid as problem:
        return _page(topic, queries.ranking_of(topic.id, ranking.cut_off), findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
    return redirect(guards.local_path(request.form.get("back")) or _list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/decide")
def decide(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ListForm()
    topic, ranking = _ranked(actor, identifier)
    try:
        with transaction():
            services.prepare_decision(ranking, seen=form.seen, actor=actor, now=guards.received_at())
        flash("The decision is prepared. Another manager of the programme is asked to confirm it.", "success")
    except Invalid as problem:
        return _page(topic, queries.ranking_of(topic.id, ranking.cut_off), findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
    return redirect(_list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/confirm")
def confirm(identifier: str) -> ResponseReturnValue:
    """The second pair of eyes."""
    actor, form = guards.staff(Role.MANAGER), forms.ListForm()
    topic, ranking = _ranked(actor, identifier)
    try:
        with transaction():
            services.confirm_decision(ranking, seen=form.seen, actor=actor, now=guards.received_at())
        flash("The list is decided. Look at the letters, then send them.", "success")
    except Invalid as problem:
        return _page(topic, queries.ranking_of(topic.id, ranking.cut_off), findings=problem.findings)
    except Stale:
        flash(CHANGED, "error")
    return redirect(_list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/send-back")
def send_back(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReopenForm()
    _, ranking = _ranked(actor, identifier)
    try:
        with transaction():
            services.send_back(ranking, reason=form.reason.data or "", actor=actor, now=guards.received_at())
        flash("The list is open again.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(_list_url(identifier))


@bp.post("/manage/topics/<identifier>/ranking/reopen")
def reopen(identifier: str) -> ResponseReturnValue:
    actor, form = guards.staff(Role.MANAGER), forms.ReopenForm()
    _, ranking = _ranked(actor, identifier)
    try:
        with transaction():
            services.reopen_ranking(ranking, reason=form.reason.data or "", actor=actor, now=guards.received_at())
        flash("The list is open again.", "success")
    except Invalid as problem:
        flash(problem.message, "error")
    return redirect(_list_url(identifier))


@bp.route("/manage/topics/<identifier>/ranking/letters", methods=["GET", "POST"])
def result_letters(identifier: str) -> ResponseReturnValue:
    """All letters with their count and numbers; one of each kind in full. POST sends them."""
    actor, form = guards.staff(Role.MANAGER), forms.SendForm()
    topic, ranking = _ranked(actor, identifier)
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
                return redirect(_list_url(identifier))
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


@bp.route("/manage/topics/<identifier>/ranking/what-if", methods=["GET", "POST"])
def what_if(identifier: str) -> ResponseReturnValue:
    """What another budget, weights or thresholds would change, beside what was kept. Decides nothing."""
    actor = guards.staff(Role.MANAGER)
    topic, ranking = _ranked(actor, identifier)
    access.may_change_ranking(actor, programme=topic.call.programme.code, state=None).require()
    judged = criteria_facts(topic)
    form, tried = forms.what_if_form(judged)(), None
    if form.validate_on_submit():
        try:
            wanted = forms.changes(form, judged)
            if form["name"].data:
                with transaction():
                    outlooks.keep(ranking, form["name"].data, wanted, actor=actor, now=guards.received_at())
                flash("It is kept.", "success")
                return redirect(url_for(".what_if", identifier=identifier))
            tried = outlooks.outlook(ranking, wanted)
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "ranking/what_if.html", topic=topic, ranking=ranking, form=form, tried=tried, criteria=judged,
        kept=outlooks.kept(ranking.id), summary=queries.summary(ranking), misfits=_MISFITS,
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/manage/topics/<identifier>/ranking/what-if/<int:what_if_id>/forget")
def forget_what_if(identifier: str, what_if_id: int) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic, ranking = _ranked(actor, identifier)
    access.may_change_ranking(actor, programme=topic.call.programme.code, state=None).require()
    with transaction():
        outlooks.forget(ranking, what_if_id, actor=actor, now=guards.received_at())
    flash("It is forgotten.", "success")
    return redirect(url_for(".what_if", identifier=identifier))


@bp.get("/manage/topics/<identifier>/calibration")
def calibration(identifier: str) -> ResponseReturnValue:
    """What individual scores say beside the agreed ones. For managers only, and never instead of the list."""
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_change_ranking(actor, programme=topic.call.programme.code, state=None).require()
    return render_template("ranking/calibration.html", topic=topic, found=queries.last_calibration(topic.id))


@bp.post("/manage/topics/<identifier>/calibration")
def ask_for_calibration(identifier: str) -> ResponseReturnValue:
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    with transaction():
        services.ask_for_calibration(topic, actor=actor, now=guards.received_at())
    return redirect(url_for(".calibration", identifier=identifier))


@bp.get("/decisions")
def decided() -> ResponseReturnValue:
    """Lists that are decided: what auditors read."""
    actor = guards.staff(*_STAFF)
    page = listing.page(
        queries.decided_lists(actor), [Ranking.decided_at, Ranking.id], descending=True,
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    return render_template("ranking/decided.html", page=page, batches=queries.batch_numbers(page.rows))


@bp.get("/proposals/<int:number>/result")
def result(number: int) -> ResponseReturnValue:
    """The evaluation summary report, for who may see the proposal, once the letter is sent."""
    actor, now = guards.actor(), guards.received_at()
    opened = proposals.open_proposal(actor, number, now=now, whole=False)
    _note_opened(opened)
    found = _result(opened.proposal)
    notice = queries.notice_of(
        found["placement"], informed_at=queries.informed_at(found["placement"]), topic=found["topic"]
    )
    return render_template(
        "ranking/result.html", **found, notice=notice, now=now, zone=found["topic"].call.zone, opened=opened,
        actor=actor,
    )  # fmt: skip


def _note_opened(opened: Opened) -> None:
    """The first look of the main contact is the receipt of the formal notification."""
    placement = queries.result_of(opened.proposal)
    if opened.access.member is MemberRole.MAIN_CONTACT and placement.opened_at is None:
        with transaction():
            services.note_opened(
                placement, member=opened.access.member, actor=guards.actor(), now=guards.received_at()
            )


@bp.get("/manage/topics/<identifier>/ranking/notifications")
def notifications(identifier: str) -> ResponseReturnValue:
    """Which results were sent, opened, and count as received."""
    actor, now = guards.staff(*_STAFF), guards.received_at()
    topic, ranking = _ranked(actor, identifier)
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


def _result(proposal: Proposal) -> dict[str, Any]:
    placement = queries.result_of(proposal)
    consensus, version = evaluation.consensus_of(proposal.id), proposals.last_submission(proposal.id)
    topic = calls.topic_by_id(proposal.topic_id)
    scores = evaluated.scores(consensus.scores) if consensus else {}
    known = {code: score for code, score in scores.items() if score is not None}
    failures = (
        threshold_failures(known, criteria_facts(topic), overall=topic.overall_threshold)
        if len(known) == len(topic.criteria) else []
    )  # fmt: skip
    return {
        "proposal": proposal, "placement": placement, "consensus": consensus, "version": version, "topic": topic,
        "failures": failures, "minority": _minority(consensus),
        "comments": evaluated.texts(consensus) if consensus else {}, "scores": known,
    }  # fmt: skip


def _minority(consensus: Consensus | None) -> list[str]:
    """Views of those who did not agree, without their names (domain.md 8.1)."""
    opinions = consensus.opinions if consensus else []
    return [each.text for each in opinions if each.answer is Answer.DISAGREES]


@bp.get("/proposals/<int:number>/result.pdf")
def result_pdf(number: int) -> ResponseReturnValue:
    opened = proposals.open_proposal(guards.actor(), number, now=guards.received_at(), whole=False)
    _note_opened(opened)
    found = _result(opened.proposal)
    topic, placement = found["topic"], found["placement"]
    failures = [each.sentence for each in found["failures"]]
    known = {
        "number": str(number), "acronym": found["version"].content["acronym"],
        "title": found["version"].content["title"], "topic": topic.identifier,
        "result": placement.decision.label if placement.decision else "",
        "total": f"{plain_number(placement.total)} of {plain_number(sum(each.maximum for each in topic.criteria))}",
        "thresholds": "; ".join(failures) or "All thresholds are reached.",
        "funder": current_app.extensions["settings"].funder_name,
        "minority": [part for text in found["minority"] for part in _paragraphs(text)],
        "questions": [
            {
                "text": each["text"], "remark": found["comments"].get(f"questions.{each['code']}.remark", ""),
                "answer": _ANSWERS.get(found["comments"].get(f"questions.{each['code']}.answer", ""), "–"),
            }
            for each in topic.questions
        ],
        "overall": _paragraphs(found["comments"].get("overall", "")),
        "criteria": [
            {
                "name": each.name, "score": plain_number(found["scores"].get(each.code)),
                "maximum": plain_number(each.maximum),
                "threshold": plain_number(each.threshold) if each.threshold is not None else "",
                "comment": _paragraphs(found["comments"].get(f"scores.{each.code}.comment", "")),
                "weaknesses": _paragraphs(found["comments"].get(f"scores.{each.code}.weaknesses", "")),
            }
            for each in topic.criteria
        ],
    }  # fmt: skip
    name = f"Evaluation summary report {number}.pdf"
    return send_file(BytesIO(reports.pdf(known)), mimetype="application/pdf", as_attachment=True, download_name=name)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]
