"""One blueprint for all pages of the evaluation."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("evaluation", __name__)
