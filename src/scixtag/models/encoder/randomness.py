"""Randomness of a training's own: the trainer seeds the global generators, and nobody else shall notice."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from scixtag import processes


@contextmanager
def own_randomness(seed: int) -> Iterator[None]:
    """Seed all global generators within the block, and put them back to where they were."""
    import torch
    from transformers import set_seed

    before = random.getstate(), np.random.get_state()
    # Of several graphics cards, a process touches its own only.
    with torch.random.fork_rng([processes.local_number()] if torch.cuda.is_available() else []):
        set_seed(seed)
        try:
            yield
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])
