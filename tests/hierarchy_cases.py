"""Small hierarchies for tests: one to look at, and random ones whose order is not that of their columns."""

import numpy as np

from scixtag.vocabulary.concept import Concept, Vocabulary


def vocabulary_of(parents: list[tuple[int, ...]]) -> Vocabulary:
    return Vocabulary(
        Concept(number, f"u:{number}", f"c{number}", broader=above) for number, above in enumerate(parents)
    )


#     0     5
#    / \   /
#   1   2 /     6 stands alone
#    \ / \|
#     3   4
DIAMOND = vocabulary_of([(), (0,), (0,), (1, 2), (2, 5), (), ()])


def random_hierarchy(rng: np.random.Generator, concepts: int) -> Vocabulary:
    """Up to three parents each."""
    order = rng.permutation(concepts)
    parents: list[tuple[int, ...]] = [()] * concepts
    for place, column in enumerate(order.tolist()):
        count = min(place, int(rng.integers(0, 4)))
        parents[column] = tuple(rng.choice(order[:place], count, replace=False).tolist()) if count else ()
    return vocabulary_of(parents)
