"""Judgements in a file of arrays: what a comparison needs of a finished run."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.errors import InputError
from scixtag.evaluation.augmented import AugmentedSizes
from scixtag.evaluation.judgements import Judgements, Pairs
from scixtag.predictions.scores import Scores

Arrays = dict[str, npt.NDArray[Any]]


def save_judgements(judgements: Judgements, path: Path) -> None:
    """Write a compressed .npz; no pickle."""
    sizes = judgements.augmented
    arrays: Arrays = {
        "columns": judgements.scores.columns,
        "values": judgements.scores.values,
        "relevant": judgements.relevant,
        "gold_sizes": judgements.gold_sizes,
        "augmented": np.stack([sizes.shared, sizes.selected, sizes.gold]),
        "train_papers": judgements.train_papers,
        "train_counts": judgements.train_counts,
        **_pairs_to_arrays("gold", judgements.gold),
        **_pairs_to_arrays("selected", judgements.selected),
    }
    # The file object keeps numpy from adding a suffix.
    with path.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def load_judgements(path: Path) -> Judgements:
    """The inverse of `save_judgements`.

    Raises:
        InputError: The file is missing, damaged, or something else.
    """
    try:
        # numpy leaves a file that it opened itself open where it cannot read it.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        concepts = len(arrays["train_counts"])
        return Judgements(
            scores=Scores(arrays["columns"], arrays["values"]),
            relevant=arrays["relevant"],
            gold=_pairs_from_arrays("gold", arrays, concepts),
            gold_sizes=arrays["gold_sizes"],
            selected=_pairs_from_arrays("selected", arrays, concepts),
            augmented=AugmentedSizes(*arrays["augmented"]),
            train_papers=arrays["train_papers"],
            train_counts=arrays["train_counts"],
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: no judgements can be read from it ({error}); run the benchmark again") from error


def _pairs_to_arrays(name: str, pairs: Pairs) -> Arrays:
    return {
        f"{name}_starts": pairs.matrix.indptr,
        f"{name}_concepts": pairs.matrix.indices,
        f"{name}_train_counts": pairs.train_counts,
        f"{name}_ranks": pairs.ranks,
        f"{name}_shared": pairs.shared,
    }


def _pairs_from_arrays(name: str, arrays: Arrays, concepts: int) -> Pairs:
    starts, indices = arrays[f"{name}_starts"], arrays[f"{name}_concepts"]
    matrix = csr_array((np.ones(len(indices)), indices, starts), shape=(len(starts) - 1, concepts))
    return Pairs(matrix, *(arrays[f"{name}_{part}"] for part in ("train_counts", "ranks", "shared")))
