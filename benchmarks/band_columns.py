"""The metrics of bands as columns of a table."""

from scixtag.evaluation.bands import SCHEMES, band_metrics
from scixtag.evaluation.metrics.weighting import Metric


def band_columns() -> dict[str, Metric]:
    """Recall in the top five, micro and macro F1 of every band of both schemes."""
    columns = {}
    for scheme in SCHEMES:
        for band in scheme.bands:
            found = band_metrics(band)
            columns |= {f"{name}, {band.name}": found[name] for name in ("r@5", "f1", "macro_f1")}
    return columns
