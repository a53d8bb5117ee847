"""A source and a vocabulary to examples: the beginning that training and evaluation share."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scixtag import progress
from scixtag.corpus import sample
from scixtag.corpus.dropped import Preparation
from scixtag.corpus.examples import Examples, build_examples
from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.size import expected_papers
from scixtag.corpus.sources import read_records
from scixtag.corpus.splits import stratified_folds
from scixtag.errors import InputError
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.load import load_vocabulary


@dataclass(frozen=True)
class Fold:
    """One of `count` parts of a corpus; `number` counts from 1. Training leaves it out, evaluation takes only it."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Fold":
        """`2/5` is the second of five.

        Raises:
            InputError: Written otherwise, or out of range.
        """
        number, _, count = text.partition("/")
        if number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) >= 2:
            return cls(int(number), int(count))
        raise InputError(f"--fold {text}: write the number of the fold and how many there are, for example 1/5")


@dataclass(frozen=True)
class Corpus:
    """What is read for training or evaluation.

    Attributes:
        source: `sample`, a file, a folder, or `hf:…`.
        fields: Which columns hold what.
        strict: A label that the vocabulary does not hold stops the run.
        fold: The part to leave out or to take.
    """

    source: str
    fields: Fields = ANY_FIELDS
    strict: bool = False
    fold: Fold | None = None


def check_readable(corpus: Corpus) -> None:
    """Look at the first paper, before slow work at whose end the corpus is needed.

    Raises:
        InputError: The corpus does not exist, cannot be read, lacks a column, or holds no paper.
    """
    if next(iter(read_records(corpus.source, corpus.fields)), None) is None:
        raise InputError(f"{corpus.source}: no papers; is the file empty?")


class TrainingPart(NamedTuple):
    """What is learned from.

    Attributes:
        examples: All labelled papers of a corpus, without its fold if it names one.
        left_out: The ids of the papers of the fold.
        preparation: What happened on the way.
    """

    examples: Examples
    left_out: frozenset[str]
    preparation: Preparation


def training_part(corpus: Corpus, vocabulary: Vocabulary, *, may_lack_labels: bool = False) -> TrainingPart:
    """The labelled papers of the corpus, without its fold if it names one.

    Args:
        corpus: What is read.
        vocabulary: What its labels are.
        may_lack_labels: None will do, if none of the papers has a label.

    Raises:
        InputError: There is none, or there are no folds of none.
    """
    examples, preparation = _read(corpus, vocabulary, may_lack_labels=may_lack_labels)
    if corpus.fold is not None and not len(examples):
        raise InputError(f"--fold: {corpus.source} has no labelled papers to cut into folds; leave --fold out")
    if corpus.fold is None:
        return TrainingPart(examples, frozenset(), preparation)
    kept = _folds(examples, corpus.fold) != corpus.fold.number
    left_out = frozenset(examples.ids[row] for row in np.flatnonzero(~kept))
    return TrainingPart(examples.take(np.flatnonzero(kept)), left_out, preparation)


def training_examples(corpus: Corpus, vocabulary: Vocabulary) -> tuple[Examples, Preparation]:
    """All labelled papers of the corpus, without its fold if it names one."""
    part = training_part(corpus, vocabulary)
    return part.examples, part.preparation


def evaluation_examples(corpus: Corpus, vocabulary: Vocabulary) -> tuple[Examples, Preparation]:
    """All labelled papers of the corpus, or only its fold if it names one."""
    # A paper whose labels the vocabulary does not hold cannot be learned from, but it can be missed. Folds are cut
    # without such papers, as in training, or the two would not see the same folds.
    examples, preparation = _read(corpus, vocabulary, keep_unresolved=corpus.fold is None)
    if corpus.fold is not None:
        examples = examples.take(np.flatnonzero(_folds(examples, corpus.fold) == corpus.fold.number))
    return examples, preparation


def _read(
    corpus: Corpus, vocabulary: Vocabulary, *, keep_unresolved: bool = False, may_lack_labels: bool = False
) -> tuple[Examples, Preparation]:
    records = progress.track(
        read_records(corpus.source, corpus.fields), f"reading {corpus.source}", expected_papers(corpus.source)
    )
    examples, preparation = build_examples(
        records,
        vocabulary,
        source=corpus.source,
        strict=corpus.strict,
        keep_unresolved=keep_unresolved,
        may_lack_labels=may_lack_labels,
    )
    for line in preparation.summary():
        progress.note(line)
    return examples, preparation


def _folds(examples: Examples, fold: Fold) -> np.ndarray:
    """The number of each paper's fold; always the same cut, for training and evaluation must agree on it."""
    return stratified_folds(examples.targets, fold.count, seed=0) + 1


def vocabulary_for(source: str, name: str | None) -> Vocabulary:
    """The named vocabulary, or the embedded one for the embedded corpus.

    Raises:
        InputError: Another corpus needs a vocabulary and none is named, or it cannot be read.
    """
    if name is not None:
        return named_vocabulary(name)
    if sample.is_sample(source):
        return named_vocabulary(sample.NAME)
    raise InputError(f"{source}: pass --vocabulary, such as UAT.rdf or uat:5.1.0; only `sample` brings its own")


def named_vocabulary(name: str) -> Vocabulary:
    """`sample`, a file, or a release such as `uat:5.1.0`.

    Raises:
        InputError: It cannot be read.
    """
    return load_vocabulary(sample.VOCABULARY if name == sample.NAME else name)
