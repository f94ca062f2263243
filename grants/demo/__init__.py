"""A fictional funder to look around in. Reproducible from a seed; refused where real accounts are."""

from __future__ import annotations

from grants.demo.loading import SEED, load, wanted
from grants.demo.people import PASSWORD, SIGN_INS

__all__ = ["PASSWORD", "SEED", "SIGN_INS", "load", "wanted"]
