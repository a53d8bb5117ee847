import numpy as np
import pytest
from scipy.sparse import csr_array

from hierarchy_cases import DIAMOND
from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.models.encoder.validation import validation_metrics


def test_the_hierarchy_counts_while_a_network_is_trained():
    """The paper carries concept 3, below 1, 2 and 0; the network's best label is 1."""
    targets = csr_array(np.eye(7, dtype=np.float32)[[3]])
    papers = Examples(("a",), (Text("a", ""),), targets, np.array([0]), DIAMOND)
    measure = validation_metrics(papers, papers, np.array([1, 6], np.int32), "h_f1")
    found = measure(np.array([0]), np.array([[0.9, 0.1]]), np.array([[0, 1]]))
    assert found["micro_f1"] == 0
    assert found["h_f1"] == pytest.approx(2 * 2 / (2 + 4))
