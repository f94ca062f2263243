"""Which files are taken for what. Pure; the numbers that a call may change are passed in.

Source: domain.md 6 (PDF, usually 10 MB) and 10 (kinds of deliverable files).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

#: An address that serves or takes a file works this long; rights are checked when it is given.
DOWNLOAD_AGE = timedelta(seconds=60)
UPLOAD_AGE = timedelta(hours=6)
#: Uploads that were never finished are removed after this.
ORPHAN_AGE = timedelta(hours=24)
#: Files that only carry something over are kept this long, by kind. All others are kept.
PASSING = dict.fromkeys(
    ("budget_import", "budget_export", "report_import", "report_export", "expert_import", "expert_export"),
    timedelta(days=1),
)
#: Files whose bytes go once their owner has removed or replaced them: they are about a person.
FORGOTTEN = frozenset({"cv"})
#: Files up to this size are checked while the person waits, larger ones by the worker.
CHECKED_AT_ONCE = 16 * 1024**2

_OFFICE = ("pdf", "docx", "xlsx", "odt", "ods")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: how people call it, and the endings of the files that are taken.

    ``measured``: its print and margins are measured, because a topic may ask for them.
    """

    label: str
    endings: tuple[str, ...]
    measured: bool = False

    @property
    def accept(self) -> str:
        """For the file field."""
        return ",".join(f".{ending}" for ending in self.endings)

    @property
    def words(self) -> str:
        """For the hint."""
        return ", ".join(ending.upper() for ending in self.endings)


KINDS = {
    "part_b": Kind("Part B", ("pdf",), measured=True),
    "part_b_shortened": Kind("Part B for evaluators", ("pdf",)),
    "annex": Kind("Annex", _OFFICE),
    "budget_import": Kind("Budget sent in", ("xlsx",)),
    "budget_export": Kind("Budget as a spreadsheet", ("xlsx",)),
    "report_import": Kind("Reports sent in", ("xlsx",)),
    "report_export": Kind("Reports as a form", ("xlsx",)),
    "call_document": Kind("Call document", _OFFICE),
    "organisation_paper": Kind("Paper of an organisation", ("pdf",)),
    "expert_import": Kind("Table of experts sent in", ("csv", "xlsx")),
    "expert_export": Kind("Table of experts", ("csv", "xlsx")),
    "cv": Kind("CV", ("pdf",)),
    "part_b_template": Kind("Template of Part B", ("docx",)),
    "deliverable": Kind("Deliverable", (*_OFFICE, "doc", "rtf", "csv", "zip")),
    "periodic_report": Kind("Periodic report", ("pdf",)),
    "part_a": Kind("Part A", ("pdf",)),
    "bundle": Kind("Whole proposal", ("pdf",)),
    "archive": Kind("Whole proposal with its data", ("zip",)),
    "preview": Kind("Print preview", ("pdf",)),
    "receipt": Kind("Receipt", ("pdf", "json")),
}
