import json

import numpy as np
import pytest
from scipy.sparse import csr_array

from scixtag.errors import ModelError
from scixtag.models.neighbours import Neighbours
from scixtag.models.storage import load_model, load_state, save_model, save_state


def test_values_arrays_and_matrices_come_back(tmp_path):
    matrix = csr_array(np.array([[0, 1.5, 0], [2, 0, 0]], dtype=np.float32))
    save_state(tmp_path / "new", {"a": [1, "ä"]}, {"x": np.arange(3)}, {"m": matrix})
    state, arrays, matrices = load_state(tmp_path / "new")
    assert state == {"a": [1, "ä"]}
    np.testing.assert_array_equal(arrays["x"], [0, 1, 2])
    assert (matrices["m"] != matrix).nnz == 0
    assert matrices["m"].dtype == np.float32
    assert matrices["m"].shape == (2, 3)


def test_empty_arrays_and_matrices_come_back(tmp_path):
    save_state(tmp_path, {}, {"x": np.empty((0, 4), np.int16)}, {"m": csr_array((3, 5), dtype=np.float32)})
    _, arrays, matrices = load_state(tmp_path)
    assert arrays["x"].shape == (0, 4)
    assert arrays["x"].dtype == np.int16
    assert (matrices["m"].shape, matrices["m"].nnz) == ((3, 5), 0)


def test_arrays_are_mapped_not_read(tmp_path):
    save_state(tmp_path, {}, {"x": np.arange(1000)})
    _, arrays, _ = load_state(tmp_path)
    assert isinstance(arrays["x"].base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        arrays["x"][0] = 1


def test_wide_indices_are_stored_in_32_bits(tmp_path):
    wide = csr_array(np.eye(3))
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    save_state(tmp_path, {}, {}, {"m": wide})
    assert np.load(tmp_path / "m.indices.npy").dtype == np.int32
    assert np.load(tmp_path / "m.indptr.npy").dtype == np.int32
    assert (load_state(tmp_path)[2]["m"] != wide).nnz == 0


def test_no_pickled_objects(tmp_path):
    save_state(tmp_path, {}, {"x": np.arange(3)})
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ModelError, match="damaged"):
        load_state(tmp_path)


def test_settings_of_another_version(tmp_path):
    save_model(tmp_path, Neighbours(), {})
    document = json.loads((tmp_path / "state.json").read_text())
    document["state"]["settings"]["metric"] = "euclid"
    (tmp_path / "state.json").write_text(json.dumps(document))
    with pytest.raises(ModelError, match="another version of scixtag"):
        load_model(Neighbours, tmp_path)


def test_a_missing_array_is_named(tmp_path):
    save_model(tmp_path, Neighbours(), {})
    _, state, arrays, matrices = load_model(Neighbours, tmp_path)
    for stored in (state, arrays, matrices):
        with pytest.raises(ModelError, match="has no 'papers'"):
            stored["papers"]
