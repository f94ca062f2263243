"""The signed statement of a decided list: made by the worker. The web never loads this module."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from grants.audit.services import record
from grants.db import db
from grants.kernel.actor import SYSTEM
from grants.proposals.sealing import certificate_id
from grants.ranking.models import Ranking
from grants.ranking.states import RankingState
from grants.ranking.verifying import content
from grants.settings import Settings
from grants.signing import statements
from grants.signing.keys import signing_key


def seal(ranking_id: int, *, settings: Settings, now: datetime) -> None:
    """Sign what was decided; harmless where it is signed, or was opened again. Raises KeyProblem."""
    ranking = db.session.scalar(select(Ranking).where(Ranking.id == ranking_id).with_for_update())
    if ranking is None or ranking.state not in {RankingState.DECIDED, RankingState.INFORMED} or ranking.statement:
        return
    key = signing_key(settings, now=now)
    signed = statements.sign(content(ranking), key, form=statements.RANKING)
    ranking.statement = signed.decode()
    certificate_id(key, now=now)
    facts = {"statement_sha256": sha256(signed).hexdigest(), "certificate_sha256": key.fingerprint}
    record(ranking.ref(), "ranking.signed", actor=SYSTEM, now=now, facts=facts)
