"""Which papers are learned from and which are judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import vstack

from scixtag.corpus.examples import Examples, id_hashes, recognised, text_hashes
from scixtag.corpus.splits import stratified_folds
from scixtag.errors import ConfigError, InputError

FEWEST_LEARNED = 2
"""Papers in the smallest part of a learning curve."""
_SHOWN = 3


@dataclass(frozen=True, eq=False)
class Split:
    """One training set and the papers that are judged with what it taught.

    Attributes:
        name: "fold 2 of 5", or "test".
        train: Labelled papers.
        test: Labelled papers.
    """

    name: str
    train: Examples
    test: Examples


def folds_of(papers: Examples, count: int) -> list[Split]:
    """The folds of `scixtag train --fold I/N`.

    Raises:
        ConfigError: Fewer than two folds.
        InputError: Fewer papers than folds need.
    """
    if count < 2:
        raise ConfigError(f"--folds {count}; at least 2 are needed, or --test SOURCE")
    if len(papers) < 2 * count:
        most = len(papers) // 2
        advice = f"pass --folds {most} at most" if most > 1 else "at least 4 are needed, or --test SOURCE2"
        raise InputError(f"labelled papers: {len(papers)}, too few for {count} folds; {advice}")
    numbers = stratified_folds(papers.targets, count, seed=0)
    splits = []
    for fold in range(count):
        held = np.flatnonzero(numbers == fold)
        rest = np.flatnonzero(numbers != fold)
        splits.append(Split(f"fold {fold + 1} of {count}", papers.take(rest), papers.take(held)))
    return splits


def judged_papers(splits: Sequence[Split]) -> Examples:
    """The papers of all splits that are judged, one split after the other."""
    parts = [split.test for split in splits]
    return Examples(
        ids=tuple(identifier for part in parts for identifier in part.ids),
        texts=tuple(text for part in parts for text in part.texts),
        targets=vstack([part.targets for part in parts], format="csr"),
        unknown=np.concatenate([part.unknown for part in parts]),
        vocabulary=parts[0].vocabulary,
    )


def check_splits(splits: Sequence[Split], *, allow_overlap: bool) -> int:
    """Refuse what would flatter, or what cannot be measured, before anything is trained.

    Returns:
        How many judged papers are training papers of the same split, by id or by text.

    Raises:
        InputError: There are such papers and they are not allowed; or no judged paper has a label of the vocabulary.
    """
    if not any(split.test.targets.nnz for split in splits):
        raise InputError(
            "no paper to judge has a label that the vocabulary holds, so there is nothing to score; "
            "name the vocabulary that the labels come from"
        )
    found = {split.name: overlap(split.train, split.test) for split in splits}
    total = sum(map(len, found.values()))
    if total and not allow_overlap:
        ids = [identifier for same in found.values() for identifier in same][:_SHOWN]
        raise InputError(
            f"papers to judge that are also training papers, by id or by text: {total:,} (such as {', '.join(ids)}); "
            "remove one of each two, or pass --allow-overlap to measure all the same"
        )
    return total


def overlap(train: Examples, test: Examples) -> list[str]:
    """The ids of test papers whose id or text a training paper has."""
    same = recognised(test.ids, test.texts, id_hashes(train), text_hashes(train))
    return [test.ids[row] for row in np.flatnonzero(same)]


def part_of(split: Split, share: float, seed: int) -> Examples:
    """A random part of the training papers, in their order; smaller parts lie within larger ones."""
    if share >= 1:
        return split.train
    order = np.random.default_rng(seed).permutation(len(split.train))
    return split.train.take(np.sort(order[: round(share * len(split.train))]))
