"""Panels with meetings, cross-reading, score changes, hearings; observers; the settings of a topic about them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = (
    "panel", "panel_member", "panel_proposal", "panel_conflict", "panel_meeting", "agenda_item", "panel_attendance",
    "panel_leaving", "panel_outcome", "cross_reading", "hearing", "hearing_question", "observer", "observer_report",
)  # fmt: skip


def upgrade() -> None:
    for name, default in (("panel_nationality", "2"), ("panel_organisation", "2"), ("panel_years", "3")):
        op.add_column("topic", sa.Column(name, sa.BigInteger(), server_default=default, nullable=True))
    op.add_column("topic", sa.Column("hearing_characters", sa.BigInteger(), server_default="4000", nullable=False))
    op.add_column("consensus", _instant("panel_at"))
    _panels()
    _meetings()
    _outcomes()
    _hearings()
    _observers()


def _identity() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _number(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, server_default=default)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, default: str | None = "", length: int = 0) -> sa.Column[Any]:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, server_default=default, nullable=False)


def _state(name: str, *states: str, column: str = "state") -> sa.Column[Any]:
    return sa.Column(column, sa.Enum(*states, name=name, native_enum=False, length=40), nullable=False)


def _json(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text(f"'{default}'::jsonb"), nullable=False)


def _points_to(table: str, column: str, other: str, **more: Any) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), **more)


def _make(
    table: str, *parts: Any, to: dict[str, str], checks: dict[str, str] | None = None,
    once: dict[str, tuple[str, ...]] | None = None, more: tuple[Any, ...] = (),
) -> None:  # fmt: skip
    """A table with its identity; ``to``: column and table of foreign keys; ``once``: names and columns that are unique."""
    op.create_table(
        table,
        _identity(),
        *parts,
        *(_points_to(table, column, other) for column, other in to.items()),
        *(sa.CheckConstraint(says, name=op.f(f"ck_{table}_{name}")) for name, says in (checks or {}).items()),
        *(sa.UniqueConstraint(*columns, name=op.f(name)) for name, columns in (once or {}).items()),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _panels() -> None:
    _make(
        "panel",
        _number("topic_id"), _text("name", default=None, length=120),
        sa.Column("remote", sa.Boolean(), server_default="true", nullable=False), _text("place", length=500),
        _number("chair_id", nullable=True), _number("version", default="1"), _instant("created_at", nullable=False),
        to={"topic_id": "topic", "chair_id": "account"}, once={"uq_panel_name": ("topic_id", "name")},
    )  # fmt: skip
    _make(
        "panel_member",
        _number("panel_id"), _number("expert_id"), _instant("named_at", nullable=False), _number("named_by_id"),
        _text("reason"),
        to={"panel_id": "panel", "expert_id": "expert", "named_by_id": "account"},
        once={"uq_panel_member_once": ("panel_id", "expert_id")},
    )  # fmt: skip
    op.create_index(op.f("ix_panel_member_expert_id"), "panel_member", ["expert_id"])
    _make(
        "panel_proposal",
        _number("panel_id"), _number("proposal_id"), _instant("assigned_at", nullable=False),
        to={"panel_id": "panel", "proposal_id": "proposal"},
        once={"uq_panel_proposal_proposal_id": ("proposal_id",)},
    )  # fmt: skip
    op.create_index("ix_panel_proposal_panel", "panel_proposal", ["panel_id", "proposal_id"])
    _make(
        "panel_conflict",
        _number("proposal_id"), _number("expert_id"), _text("reason", default=None),
        _instant("declared_at", nullable=False),
        to={"proposal_id": "proposal", "expert_id": "expert"}, checks={"has_a_reason": "reason <> ''"},
        once={"uq_panel_conflict_once": ("proposal_id", "expert_id")},
    )  # fmt: skip
    op.create_index(op.f("ix_panel_conflict_expert_id"), "panel_conflict", ["expert_id"])


def _meetings() -> None:
    _make(
        "panel_meeting",
        _number("panel_id"), _state("meetingstate", "planned", "open", "closed", "approved", "cancelled"),
        _number("version", default="1"), _instant("starts_at", nullable=False), _text("place", length=500),
        _instant("invited_at"), _instant("opened_at"), _instant("closed_at"), _text("note"), _instant("approved_at"),
        _number("approved_by_id", nullable=True),
        to={"panel_id": "panel", "approved_by_id": "account"},
        checks={
            "open_since": "state NOT IN ('open', 'closed', 'approved') OR opened_at IS NOT NULL",
            "instant_if_approved": "(state = 'approved') = (approved_at IS NOT NULL)",
        },
    )  # fmt: skip
    op.create_index("ix_panel_meeting_panel", "panel_meeting", ["panel_id", "starts_at"])
    _make(
        "agenda_item",
        _number("meeting_id"), _number("position"), _number("proposal_id", nullable=True), _text("title", length=120),
        _number("minutes"),
        to={"meeting_id": "panel_meeting", "proposal_id": "proposal"},
        checks={"proposal_or_title": "(proposal_id IS NULL) = (title <> '')", "takes_time": "minutes > 0"},
        once={"uq_agenda_item_once": ("meeting_id", "proposal_id")},
    )  # fmt: skip
    op.create_index("ix_agenda_item_proposal", "agenda_item", ["proposal_id"])
    _make(
        "panel_attendance",
        _number("meeting_id"), _number("member_id"), sa.Column("present", sa.Boolean(), nullable=False),
        _text("reason"),
        to={"meeting_id": "panel_meeting", "member_id": "panel_member"},
        checks={"absent_with_a_reason": "present OR reason <> ''"},
        once={"uq_panel_attendance_once": ("meeting_id", "member_id")},
    )  # fmt: skip
    op.create_index(op.f("ix_panel_attendance_member_id"), "panel_attendance", ["member_id"])
    _make(
        "panel_leaving",
        _number("meeting_id"), _number("proposal_id"), _number("member_id"), _text("reason", default=None),
        _instant("at", nullable=False),
        to={"meeting_id": "panel_meeting", "proposal_id": "proposal", "member_id": "panel_member"},
        once={"uq_panel_leaving_once": ("meeting_id", "proposal_id", "member_id")},
    )  # fmt: skip
    op.create_index(op.f("ix_panel_leaving_member_id"), "panel_leaving", ["member_id"])
    op.create_index(op.f("ix_panel_leaving_proposal_id"), "panel_leaving", ["proposal_id"])


def _outcomes() -> None:
    _make(
        "panel_outcome",
        _number("meeting_id"), _number("proposal_id"),
        _state("outcomestate", "proposed", "kept", "confirmed", "sent_back"), _json("changes", "[]"), _text("remark"),
        _instant("recorded_at", nullable=False), _number("recorded_by_id"), _instant("answered_at"),
        _number("answered_by_id", nullable=True), _text("sent_back_because"),
        to={"meeting_id": "panel_meeting", "proposal_id": "proposal", "recorded_by_id": "account",
            "answered_by_id": "account"},
        checks={
            "four_eyes": "answered_by_id <> recorded_by_id OR state <> 'confirmed'",
            "instant_if_answered": "(state IN ('confirmed', 'sent_back')) = (answered_at IS NOT NULL)",
        },
    )  # fmt: skip
    op.create_index(op.f("ix_panel_outcome_meeting_id"), "panel_outcome", ["meeting_id"])
    op.create_index("ix_panel_outcome_proposal", "panel_outcome", ["proposal_id", "id"])
    op.create_index(
        "uq_panel_outcome_open", "panel_outcome", ["proposal_id"], unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )  # fmt: skip
    _make(
        "cross_reading",
        _number("proposal_id"), _number("member_id"), _state("notestate", "draft", "submitted"),
        _number("version", default="1"), _text("note"), _json("marks", "{}"), _instant("asked_at", nullable=False),
        _instant("changed_at", nullable=False), _instant("submitted_at"),
        to={"proposal_id": "proposal", "member_id": "panel_member"},
        checks={"instant_if_submitted": "(state = 'submitted') = (submitted_at IS NOT NULL)"},
        once={"uq_cross_reading_once": ("proposal_id", "member_id")},
    )  # fmt: skip
    op.create_index(op.f("ix_cross_reading_member_id"), "cross_reading", ["member_id"])


def _hearings() -> None:
    _make(
        "hearing",
        _number("panel_id"), _number("proposal_id"),
        _state("hearingstate", "draft", "sent", "answered", "confirmed", "cancelled"),
        _state("hearingkind", "writing", "interview", column="kind"), _number("version", default="1"),
        _instant("send_at"), _instant("answer_by"), _instant("starts_at"), _instant("ends_at"),
        _text("place", length=500), _instant("changed_at", nullable=False), _instant("closed_at"),
        to={"panel_id": "panel", "proposal_id": "proposal"},
        checks={
            "sent_since": "state NOT IN ('sent', 'answered', 'confirmed') OR send_at IS NOT NULL",
            "slot_is_whole": "(starts_at IS NULL) = (ends_at IS NULL)",
            "slot_takes_time": "ends_at > starts_at",
        },
        more=(
            postgresql.ExcludeConstraint(
                (sa.text("int8range(panel_id, panel_id, '[]')"), "&&"),
                (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
                name="ex_hearing_overlap", using="gist",
                where=sa.text("state IN ('sent', 'confirmed') AND starts_at IS NOT NULL"),
            ),
        ),
    )  # fmt: skip
    op.create_index("ix_hearing_panel", "hearing", ["panel_id", "id"])
    op.create_index(op.f("ix_hearing_proposal_id"), "hearing", ["proposal_id"])
    op.create_index(
        "uq_hearing_open",
        "hearing",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'sent')"),
    )
    table = "hearing_question"
    _make(
        table,
        _number("hearing_id"), _number("position"), _text("text", default=None), _text("answer"), to={},
        more=(_points_to(table, "hearing_id", "hearing", ondelete="CASCADE"),),
    )  # fmt: skip
    op.create_index("ix_hearing_question_hearing", table, ["hearing_id", "position"])


def _observers() -> None:
    _make(
        "observer",
        _number("topic_id"), _number("account_id"), _state("observerstate", "named", "signed", "removed"),
        _instant("named_at", nullable=False), _number("named_by_id"), _instant("signed_at"), _text("statement"),
        to={"topic_id": "topic", "account_id": "account", "named_by_id": "account"},
        checks={"signed_whole": "state <> 'signed' OR (signed_at IS NOT NULL AND statement <> '')"},
        once={"uq_observer_once": ("topic_id", "account_id")},
    )  # fmt: skip
    op.create_index(op.f("ix_observer_account_id"), "observer", ["account_id"])
    _make(
        "observer_report",
        _number("observer_id"), _state("observerreportstate", "draft", "submitted"), _number("version", default="1"),
        _text("text"), _instant("changed_at", nullable=False), _instant("submitted_at"),
        to={"observer_id": "observer"},
        checks={"instant_if_submitted": "(state = 'submitted') = (submitted_at IS NOT NULL)"},
        once={"uq_observer_report_observer_id": ("observer_id",)},
    )  # fmt: skip


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("consensus", "panel_at")
    for name in ("hearing_characters", "panel_years", "panel_organisation", "panel_nationality"):
        op.drop_column("topic", name)
