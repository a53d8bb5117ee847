"""What people and machines get for a paper: concepts with their probabilities."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scixtag.predictions.explanation import Explanation
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.concept import ConceptId, Vocabulary


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One concept for one paper.

    Attributes:
        id: The concept's short identifier.
        uri: Its full identifier.
        label: Its preferred name.
        probability: That the paper's authors or curators would choose it.
        selected: The model's decision rule takes it.
        explanation: Why; None unless asked for.
    """

    id: ConceptId
    uri: str
    label: str
    probability: float
    selected: bool
    explanation: Explanation | None = None

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON; probabilities have four decimals."""
        told = {"explanation": self.explanation.to_document()} if self.explanation else {}
        return {
            "id": self.id,
            "uri": self.uri,
            "label": self.label,
            "probability": round(self.probability, 4),
            "selected": self.selected,
            **told,
        }


def build_suggestions(
    probabilities: Scores, selected: npt.NDArray[np.bool_], vocabulary: Vocabulary, limit: int
) -> list[list[Suggestion]]:
    """For each paper its best `limit` concepts, in falling order.

    Args:
        probabilities: (papers, k).
        selected: (papers, k) True where the decision rule takes the concept.
        vocabulary: What the columns mean.
        limit: How many at most.
    """
    best = probabilities.best(limit)
    rows = zip(best.columns.tolist(), best.values.tolist(), selected[:, :limit].tolist(), strict=True)
    return [
        [
            Suggestion(vocabulary[column].id, vocabulary[column].uri, vocabulary[column].name, value, take)
            for column, value, take in zip(*row, strict=True)
            if column >= 0
        ]
        for row in rows
    ]
