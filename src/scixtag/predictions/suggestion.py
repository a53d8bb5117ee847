"""What people and machines get for a paper: concepts with their probabilities."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scixtag.predictions.explanation import Explanation
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.concept import ConceptId, Vocabulary

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One concept for one paper.

    Attributes:
        id: The concept's short identifier.
        uri: Its full identifier.
        label: Its preferred name.
        probability: That the paper's authors or curators would choose it.
        selected: The model's decision rule takes it.
        from_prior: The text held nothing that the model knows: this is how often the concept is used at all.
        deprecated: The vocabulary says that it is no longer to be assigned, although training papers carry it.
        explanation: Why; None unless asked for.
    """

    id: ConceptId
    uri: str
    label: str
    probability: float
    selected: bool
    from_prior: bool = False
    deprecated: bool = False
    explanation: Explanation | None = None

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON; probabilities have four decimals."""
        told: dict[str, Any] = {"from_prior": True} if self.from_prior else {}
        if self.explanation:
            told["explanation"] = self.explanation.to_document()
        return {
            "id": self.id,
            "uri": self.uri,
            "label": self.label,
            **({"deprecated": True} if self.deprecated else {}),
            "probability": round(self.probability, 4),
            "selected": self.selected,
            **told,
        }


def build_suggestions(
    probabilities: Scores, selected: Mask, from_prior: Mask, vocabulary: Vocabulary, limit: int
) -> list[list[Suggestion]]:
    """For each paper its best `limit` concepts and all that are selected, in falling order.

    Args:
        probabilities: (papers, k).
        selected: (papers, k) True where the decision rule takes the concept.
        from_prior: (papers,) True where nothing in the text was known.
        vocabulary: What the columns mean.
        limit: How many at most, beside the selected ones.
    """
    shown = probabilities.listed & (selected | (np.arange(probabilities.columns.shape[1]) < limit))
    suggestions: list[list[Suggestion]] = [[] for _ in shown]
    rows, places = np.nonzero(shown)
    columns, values = probabilities.columns[rows, places], probabilities.values[rows, places]
    listed = (rows, columns, values, selected[rows, places], from_prior[rows])
    for row, column, value, take, prior in zip(*(part.tolist() for part in listed), strict=True):
        concept = vocabulary[column]
        suggestions[row].append(
            Suggestion(concept.id, concept.uri, concept.name, value, take, prior, concept.deprecated)
        )
    return suggestions
