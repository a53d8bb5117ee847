import numpy as np
import pytest

from scixtag.corpus.text import Text
from scixtag.models.prior import Prior


def test_shares_of_the_training_papers(corpus):
    scores = Prior().fit(corpus).scores([Text("Stars", ""), Text("", "")])
    shares = corpus.targets.toarray().mean(axis=0)
    order = np.argsort(-shares, kind="stable")[: np.count_nonzero(shares)]
    for columns, values in zip(scores.columns, scores.values, strict=True):
        assert columns[columns >= 0].tolist() == order.tolist()
        assert values[columns >= 0].tolist() == pytest.approx(shares[order])
