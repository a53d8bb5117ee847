"""Does the decision rule "precision" keep its promise on new papers? A simulation, for docs/results/decision-rules.md.

Papers have twelve candidates with calibrated probabilities, most of them low; the truths of one paper hang together
through a shared normal variable (a Gaussian copula), `dependence` its share of the variance. The precision on new
papers is that on 300,000 others. A confidence of one half stands for the threshold that is chosen without a bound.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtr

from scixtag.predictions.promised_precision import lowest_threshold
from scixtag.predictions.scores import Scores

REPLICATES = 300


def main() -> None:
    """Print the table."""
    generator = np.random.default_rng(0)
    print("| tuning papers | dependence | precision | confidence | kept | selected something | kept then | worst 5 % |")
    print("|---" * 8 + "|")
    for dependence in (0.0, 0.7):
        values, reached = precision_from(*papers(generator, 300_000, dependence))
        for count in (200, 2000):
            tunings = [papers(generator, count, dependence) for _ in range(REPLICATES)]
            for precision in (0.8, 0.9, 0.95):
                for confidence in (0.5, 0.95):
                    cuts = [lowest_threshold(*tuning, precision, confidence).threshold for tuning in tunings]
                    places = np.searchsorted(-values, -np.array(cuts, np.float32), side="right") - 1
                    found = reached[places[places >= 0]]
                    kept = (found >= precision).sum() + (places < 0).sum()
                    shares = f"{kept / REPLICATES:.0%} | {len(found) / REPLICATES:.0%}"
                    then = f"{(found >= precision).mean():.0%} | {np.quantile(found, 0.05):.3f}" if len(found) else "|"
                    print(f"| {count:,} | {dependence} | {precision} | {confidence} | {shares} | {then} |", flush=True)


def papers(generator: np.random.Generator, count: int, dependence: float) -> tuple[Scores, npt.NDArray[np.bool_]]:
    """Candidates and their truth."""
    probabilities = expit(generator.normal(-2.2, 2.0, (count, 12)))
    own, shared = generator.normal(size=(count, 12)), generator.normal(size=(count, 1))
    scores = Scores.from_dense(probabilities)
    return scores, ndtr(np.sqrt(dependence) * shared + np.sqrt(1 - dependence) * own) < scores.values


def precision_from(
    scores: Scores, relevant: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Falling probabilities, and the share of true pairs from each on."""
    order = np.argsort(-scores.values, axis=None, kind="stable")
    hits = np.cumsum(relevant.ravel()[order])
    return scores.values.ravel()[order], hits / np.arange(1, len(hits) + 1)


if __name__ == "__main__":
    main()
