"""How often the interval of `scixtag drift`'s index holds the truth, for papers drawn from mixtures of topics.

python benchmarks/drift_coverage.py
"""

import argparse

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.evaluation.drift.distance import FEWEST, chance_distances, divergence, divergence_error
from scixtag.evaluation.drift.resampling import REPLICATES

TOPICS, WORDS, LENGTH = 8, 300, 30
MIXTURES = {"none": (0.125, 0.125), "slight": (0.2, 0.05), "some": (0.3, 0.1), "strong": (0.6, 0.05)}
"""Shares of the first two topics among new papers; the others are equally frequent."""
SIZES = ((400, 50), (400, 200), (400, 800), (2_000, 200))
"""Training papers, new papers."""
MANY = 40_000
"""Papers for the true divergence."""
INDEX = 8 * np.log(2)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    generator = np.random.default_rng(arguments.seed)
    shapes = np.random.default_rng(99).dirichlet(np.full(WORDS, 0.05), size=TOPICS)
    even = np.full(TOPICS, 1 / TOPICS)
    whole = papers(generator, shapes, even, MANY).sum(axis=0)
    print("| drift | true index | training papers | new papers | intervals that hold it | mean width | bias |")
    print("|---|---|---|---|---|---|---|")
    for name, (first, second) in MIXTURES.items():
        mixture = np.array([first, second, *[(1 - first - second) / (TOPICS - 2)] * (TOPICS - 2)])
        other = papers(generator, shapes, mixture, MANY).sum(axis=0)
        truth = 0.0 if name == "none" else INDEX * float(divergence(whole, other))
        for old_papers, new_papers in SIZES:
            chance = chance_distances(papers(generator, shapes, even, old_papers))
            held, widths, errors = [], [], []
            for _ in range(arguments.runs):
                old = papers(generator, shapes, even, old_papers).sum(axis=0)
                new = papers(generator, shapes, mixture, new_papers)
                drawn = new.T @ generator.poisson(1, (new_papers, REPLICATES))
                reach = 1.96 * INDEX * divergence_error(old, drawn, new_papers, old_papers, FEWEST)
                found = INDEX * (float(divergence(old, new.sum(axis=0))) - chance.at(new_papers)[0])
                held.append(abs(found - truth) <= reach)
                widths.append(2 * reach)
                errors.append(found - truth)
            row = (f"{np.mean(held):.1%}", f"{np.mean(widths):.3f}", f"{np.mean(errors):+.4f}")
            print(f"| {name} | {truth:.3f} | {old_papers} | {new_papers} | {' | '.join(row)} |", flush=True)


def papers(
    generator: np.random.Generator,
    shapes: npt.NDArray[np.float64],
    mixture: npt.NDArray[np.float64],
    count: int,
) -> csr_array:
    """Papers of one topic each, and a last cell for other words (count x words + 1)."""
    topics = generator.choice(TOPICS, count, p=mixture)
    held = generator.multinomial(LENGTH, shapes[topics]) > 0
    return csr_array(np.pad(held, ((0, 0), (0, 1))).astype(np.float64))


if __name__ == "__main__":
    main()
