"""How learned state is stored: one `.npy` file an array, and one JSON file for the rest. No pickle."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.errors import ConfigError, ModelError
from scixtag.models.base import Model

_STATE = "state.json"

M = TypeVar("M", bound=Model)
T = TypeVar("T")


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
        stored |= {f"{name}.{part}": _narrow(getattr(matrix, part)) for part in ("data", "indices", "indptr")}
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
        return _Stored(document["state"]), _Stored(arrays), _Stored(matrices)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise ModelError(f"{folder}: the stored model is damaged ({error!r}); train it again") from error


class _Stored(dict[str, T]):
    """What a folder held, by name."""

    def __missing__(self, name: str) -> T:
        raise ModelError(f"the stored model has no '{name}': it is damaged or of another version; train it again")


def save_model(
    folder: Path,
    model: Model,
    arrays: Mapping[str, npt.NDArray[Any]],
    matrices: Mapping[str, csr_array] | None = None,
    **state: Any,
) -> None:
    """Write a model's class, settings, seed and learned state; `state` takes plain values."""
    about = {"model": type(model).__name__, "settings": asdict(model.settings), "seed": model.seed}
    save_state(folder, about | state, arrays, matrices)


def load_model(
    model: type[M], folder: Path
) -> tuple[M, dict[str, Any], dict[str, npt.NDArray[Any]], dict[str, csr_array]]:
    """Read what `save_model` wrote: the unfitted model with its settings and seed, the state, arrays and matrices.

    Raises:
        ModelError: The folder is damaged, or holds another model, or one with other settings than this version knows.
    """
    state, arrays, matrices = load_state(folder)
    if state.get("model") != model.__name__:
        raise ModelError(f"{folder}: holds the model {state.get('model')}, not {model.__name__}")
    try:
        return model(model.Settings(**state["settings"]), state["seed"]), state, arrays, matrices
    except (TypeError, ConfigError) as error:
        raise ModelError(f"{folder}: stored by another version of scixtag ({error}); train it again") from error


def not_fitted(model: Model) -> ModelError:
    """The error of a model that is used too early."""
    return ModelError(f"{type(model).__name__} is not fitted; call fit() first, or load() a stored one")


def _narrow(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Indices in 32 bits where they fit: scipy computes with 64 where it is not sure."""
    wide = array.dtype == np.int64 and array.max(initial=0) <= np.iinfo(np.int32).max
    return array.astype(np.int32) if wide else array


def _load(folder: Path, name: str) -> npt.NDArray[Any]:
    path = folder / f"{name}.npy"
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except ValueError:
        # An empty array cannot be mapped; whatever else is wrong shows again here.
        return np.asarray(np.load(path, allow_pickle=False))
