"""Concepts as plain values for JSON."""

from typing import Any

from scixtag.vocabulary.concept import Concept


def name(one: Concept) -> dict[str, Any]:
    """A concept, in short."""
    return {"id": one.id, "uri": one.uri, "label": one.name, "deprecated": one.deprecated}
