"""A small vocabulary and its papers, for the tests of the models."""

import numpy as np
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.vocabulary.concept import Concept

# Concept id, preferred name, alternative names, words of its papers.
TOPICS = [
    (1, "Cepheid variable stars", ("Cepheids",), "pulsation period luminosity distance ladder"),
    (2, "Solar flares", (), "eruption sunspot chromosphere reconnection x-ray"),
    (3, "Exoplanets", ("Extrasolar planets",), "transit radius host atmosphere orbit"),
    (4, "Quasars", ("QSO",), "redshift accretion lyman absorption luminous"),
    (5, "Meteorites", (), "chondrite isotope mineral olivine sample"),
    (6, "Pulsar timing method", (), "millisecond residual gravitational nanohertz array"),
]
UNUSED, RETIRED, RETIRED_BUT_USED = 7, 8, 9


def concept(number, name, alternatives=(), **more):
    return Concept(number, f"http://example.org/concept/{number}", name, alternatives, **more)


def examples(texts, labels, vocabulary):
    rows = np.repeat(np.arange(len(labels)), [len(row) for row in labels])
    columns = np.array([vocabulary.column(label) for row in labels for label in sorted(row)], dtype=np.int32)
    shape = (len(texts), len(vocabulary))
    targets = csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    targets.sort_indices()
    ids = tuple(f"paper {i}" for i in range(len(texts)))
    return Examples(ids, tuple(texts), targets, np.zeros(len(texts), np.int64), vocabulary)
