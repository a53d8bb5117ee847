"""What is wanted for each paper that is tagged."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scixtag.errors import InputError

if TYPE_CHECKING:
    from scixtag.predictions.closure import SetForm


@dataclass(frozen=True)
class Wanted:
    """What is wanted for each paper.

    Attributes:
        limit: How many concepts at most, beside the selected ones.
        threshold: Probability from which a concept is selected; None: the tagger's own rule.
        hierarchy: In which form the sets are; None: the one that the tagger was trained for.
        explain: Say why, too.
    """

    limit: int = 20
    threshold: float | None = None
    hierarchy: "SetForm | None" = None
    explain: bool = False


ANYTHING = Wanted()
"""What nobody asked for in particular."""


def check_threshold(threshold: float | None) -> None:
    """See that a threshold can be one.

    Raises:
        InputError: It is no probability.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise InputError(f"--threshold {threshold}: a probability lies between 0 and 1")
