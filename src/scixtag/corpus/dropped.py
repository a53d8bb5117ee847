"""What happened on the way from records to examples, in numbers and in words."""

from collections import Counter
from dataclasses import dataclass, field

from scixtag.errors import InputError
from scixtag.vocabulary.concept import ConceptId

_SHOWN = 10


@dataclass
class Preparation:
    """What happened on the way from records to examples; every dropped thing is counted here.

    Attributes:
        read: Records that came in. All but the kept ones are in exactly one of the next four.
        unlabelled: Dropped, for their source gives no label.
        empty: Dropped, for they have neither title nor abstract.
        duplicates: Dropped, for a kept paper has their id.
        unresolved: Dropped, for the vocabulary holds none of their labels.
        kept: Papers that became examples.
        repeated_texts: Kept, though another kept paper has the same cleaned text under another id.
        duplicate_ids: A few of the ids of `duplicates`.
        unknown: How many papers carry each label that the vocabulary does not hold, by its reference.
        deprecated: How many papers carry each deprecated concept; such labels are kept.
    """

    read: int = 0
    unlabelled: int = 0
    empty: int = 0
    duplicates: int = 0
    unresolved: int = 0
    kept: int = 0
    repeated_texts: int = 0
    duplicate_ids: list[str] = field(default_factory=list)
    unknown: Counter[ConceptId] = field(default_factory=Counter)
    deprecated: Counter[ConceptId] = field(default_factory=Counter)

    @property
    def without_labels(self) -> bool:
        """Whether there are papers, and none of them has a label; not even one that the vocabulary lacks."""
        return bool(self.unlabelled) and not (self.kept or self.unresolved)

    def summary(self) -> list[str]:
        """Lines for people, about what was dropped or is odd; none if there is nothing to say."""
        lines = []
        if self.kept < self.read:
            lines.append(f"{self.kept:,} of {self.read:,} papers kept; dropped: {self.losses()}")
        if self.duplicate_ids:
            lines.append(f"repeated ids, of which the first is kept: {', '.join(self.duplicate_ids)}")
        if self.repeated_texts:
            lines.append(f"{self.repeated_texts:,} papers repeat the text of another under a new id; they are kept")
        if self.unknown:
            lines.append(
                f"{self.unknown.total():,} labels ({len(self.unknown):,} distinct) are not in the vocabulary: "
                f"{most(self.unknown)}"
            )
        if self.deprecated:
            lines.append(f"{self.deprecated.total():,} labels are deprecated and kept: {most(self.deprecated)}")
        return lines

    def losses(self) -> str:
        """What was dropped and why, in words."""
        reasons = (
            (self.unlabelled, "without labels"),
            (self.empty, "with neither title nor abstract"),
            (self.duplicates, "with a repeated id"),
            (self.unresolved, "whose labels the vocabulary does not hold"),
        )
        return ", ".join(f"{count:,} {reason}" for count, reason in reasons if count)


def none_left(source: str, preparation: Preparation) -> InputError:
    """What to say of a source of which no paper is kept."""
    if not preparation.read:
        return InputError(f"{source}: no papers in it; is it empty?")
    such = f" (such as {most(preparation.unknown)})" if preparation.unknown else ""
    return InputError(
        f"{source}: no labelled paper is left of the {preparation.read:,} read: {preparation.losses()}{such}; "
        "name the column of the labels with --labels-field, or pass the vocabulary that they come from"
    )


def most(counts: Counter[ConceptId]) -> str:
    """The most frequent references and their counts."""
    shown = ", ".join(f"{reference} ({count:,})" for reference, count in counts.most_common(_SHOWN))
    return f"{shown} and {len(counts) - _SHOWN:,} more" if len(counts) > _SHOWN else shown
