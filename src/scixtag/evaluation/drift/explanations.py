"""What the report's pages say of its numbers, in words; the same in HTML and in Markdown."""

from scixtag.evaluation.drift.compare import ALPHA, BOUNDS
from scixtag.evaluation.drift.report import DriftReport

RULE = (
    "The verdict looks at distributions and quantities that differ by more than chance, at a family-wise level of "
    f"{ALPHA:.0%} (Holm), and counts those whose effect is large enough: some drift from a distance from one half of "
    f"{BOUNDS['superiority'].some} on for the chance that a new paper has more than a training paper, from "
    f"{BOUNDS['h'].some} for Cohen's h (of shares), and from {BOUNDS['psi'].some} on the scale of the population "
    f"stability index (of distributions); strong drift from {BOUNDS['superiority'].strong}, {BOUNDS['h'].strong} and "
    f"{BOUNDS['psi'].strong}."
)
DISTRIBUTIONS_NOTE = (
    "Jensen-Shannon distances, 0 for equal and 1 for wholly different. Samples of the training papers themselves are "
    "never at 0: beside each distance stands that of random samples as large as the new papers, on average, and the "
    "one that 95 % of them stay below. The index is what the divergence has beyond the average of random samples, on "
    "the scale of the population stability index; its interval is a 95 % one from a bootstrap of the new papers. "
    "Given labels are not part of the verdict."
)
QUANTITIES_NOTE = (
    "Of training papers, predictions are those of models that did not see them. Such a model had fewer papers to learn "
    "from than the one that is used, so small differences in probabilities and set sizes are to be expected; "
    "their p-values are those of differences beyond what is to be expected. The effect of a quantity is the "
    "chance that a new paper has more of it than a training paper (50 % where nothing differs); of a share, Cohen's h."
)
CONCEPTS_NOTE = f"Concepts whose share of predicted sets surely changed, at a false discovery rate of {ALPHA:.0%}."
WORDS_NOTE = f"Words whose share of papers surely changed, at a false discovery rate of {ALPHA:.0%}."


def new_words_note(report: DriftReport) -> str:
    """Above the list of new words."""
    return (
        f"Words that no training paper holds, by the number of new papers that hold them; {report.new_word_count:,} in "
        "all. Some new words are in any new paper; those of many papers tell of new subjects."
    )


def smallest_note(report: DriftReport) -> str:
    """What so many papers can show."""
    return (
        f"{report.papers['compared']:,} papers show a difference of means of {report.comparison.smallest:.2f} standard "
        "deviations four times in five; smaller ones may stay unseen."
    )
