"""By which words the registry finds an expert: name, employers, expertise, chosen keywords; folded to Latin letters.

They are kept in four tables, so no generated column can hold them: whoever changes one of them writes them anew.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from grants.db import db
from grants.experts.models import Expert, ExpertConcept
from grants.organisations.rules import fold
from grants.vocabulary.models import Concept


def index(expert: Expert) -> None:
    """Write the words of this profile anew."""
    known = [expert.account.name, expert.employer_name, *expert.expertise]
    known += [each.name for each in expert.jobs] + [each.label for each in expert.concepts]
    expert.folded = " ".join(dict.fromkeys(fold(" ".join(known)).split()))
    db.session.flush()


def index_account(account_id: int) -> None:
    """The same for the profile of a person whose name was changed, where there is one."""
    expert = db.session.scalar(select(Expert).where(Expert.account_id == account_id))
    if expert is not None:
        index(expert)


def index_chosen() -> None:
    """The same for everybody who chose a keyword: labels were changed."""
    chose = select(Expert).where(Expert.id.in_(select(ExpertConcept.expert_id).join(Concept)))
    whole = (joinedload(Expert.account), selectinload(Expert.jobs), selectinload(Expert.concepts))
    for each in db.session.scalars(chose.options(*whole)):
        index(each)
