"""How learned state is stored: one `.npy` file an array, and one JSON file for the rest. No pickle."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.errors import ModelError

_STATE = "state.json"


def save_state(
    folder: Path,
    state: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    matrices: Mapping[str, csr_array] | None = None,
) -> None:
    """Write plain values, arrays, and sparse matrices (as three arrays each) into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = dict(arrays)
    shapes = {}
    for name, matrix in (matrices or {}).items():
        shapes[name] = [int(size) for size in matrix.shape]
        stored |= {f"{name}.{part}": getattr(matrix, part) for part in ("data", "indices", "indptr")}
    for name, array in stored.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    document = {"state": dict(state), "arrays": sorted(arrays), "matrices": shapes}
    (folder / _STATE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def load_state(folder: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]], dict[str, csr_array]]:
    """Read what `save_state` wrote; arrays are memory-mapped, read-only.

    Raises:
        ModelError: A file is missing, cut short, or of another format.
    """
    try:
        document = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        arrays = {name: _load(folder, name) for name in document["arrays"]}
        matrices = {
            name: csr_array(tuple(_load(folder, f"{name}.{p}") for p in ("data", "indices", "indptr")), shape=shape)
            for name, shape in document["matrices"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise ModelError(f"{folder}: the stored model is damaged ({error}); train it again") from error
    return document["state"], arrays, matrices


def _load(folder: Path, name: str) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    return array
