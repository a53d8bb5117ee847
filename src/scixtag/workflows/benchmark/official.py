"""The published split by name."""

from typing import NamedTuple

from scixtag import progress
from scixtag.corpus.hub import commit_of
from scixtag.errors import ConfigError
from scixtag.workflows.benchmark.published import DATASET, NAME, VOCABULARY


class Sources(NamedTuple):
    """Which papers a benchmark reads.

    Attributes:
        train: SOURCE of the papers, or of those that are learned from.
        test: SOURCE of those that are judged; None: folds.
        vocabulary: As named; None for the embedded corpus.
        published: Published numbers belong beside the results.
    """

    train: str
    test: str | None
    vocabulary: str | None
    published: bool


def resolve(
    source: str, test: str | None, vocabulary: str | None, revision: str | None, *, folds: int | None = None
) -> Sources:
    """`astroconcepts` to the train and val papers of one commit of the dataset; any other source as it is.

    Raises:
        ConfigError: Options that contradict the published split, or a revision for another source.
        RemoteError: The hub did not answer, and the dataset is not in its cache.
    """
    if source != NAME:
        if revision is not None:
            raise ConfigError(f"--revision goes with {NAME}; write it into SOURCE: hf:OWNER/NAME@REVISION:SPLIT")
        return Sources(source, test, vocabulary, published=False)
    if test is not None or folds is not None:
        raise ConfigError(f"{NAME} is a split already: train on `train`, judge `val`; leave --test and --folds out")
    commit = commit_of(DATASET, revision)
    if revision is None:
        progress.note(f"{DATASET} is at commit {commit}; repeat this run with --revision {commit}")
    at = f"hf:{DATASET}@{commit}"
    return Sources(f"{at}:train", f"{at}:val", vocabulary or VOCABULARY, published=True)
