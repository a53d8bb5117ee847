"""What a database of decisions says, as plain data."""

from dataclasses import asdict
from typing import Any

from scixtag.review.agreement import curator_agreement, model_weeks
from scixtag.review.desk import all_papers
from scixtag.review.effect import Against, Effect, effect
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.workflows.tagger import Tagger


def reported(database: Database, models: tuple[Tagger, Tagger] | None = None) -> dict[str, Any]:
    """How much is done, how far curators agree, how models fare, and what changed between two of them.

    Args:
        database: Where the decisions are.
        models: The older and the newer one, to be compared on the papers that are done.

    Returns:
        Plain values for JSON: `papers`, `curators`, `weeks`, and `effect` (None without models).

    Raises:
        ScixtagError: The database cannot be read; see `Database.open`.
    """
    weeks = model_weeks(all_papers(database, "done"))
    changed = None if models is None else effect(all_papers(database, "done"), *models)
    return {
        "papers": Queue(database).counts(),
        "curators": asdict(curator_agreement(all_papers(database, touched=True))),
        "weeks": [week.to_document() for week in weeks],
        "effect": None if changed is None else {**asdict(changed), **_with_f1(changed)},
    }


def _with_f1(found: Effect) -> dict[str, Any]:
    parts: dict[str, Against] = {
        name: getattr(found, name) for name in ("before", "after", "before_unseen", "after_unseen")
    }
    return {name: {**asdict(against), "f1": against.f1} for name, against in parts.items()}
