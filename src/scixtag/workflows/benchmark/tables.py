"""The rows that the page and the Markdown of a benchmark share."""

from collections.abc import Sequence

from scixtag.evaluation.bootstrap import Difference, Interval
from scixtag.evaluation.metrics.registry import METRICS, RELIABILITY
from scixtag.workflows.benchmark.published import PUBLISHED
from scixtag.workflows.benchmark.results import RANKING_COLUMNS, SET_COLUMNS, Benchmark, Fact, SystemResult

_NOTHING = 1e-12
"""What rounding leaves where all resamples are the same."""
COST_NAMES = {
    "training_seconds": "training, s",
    "training_cpu_seconds": "training, processor s",
    "peak_memory_mb": "peak memory, MB",
    "model_mb": "model, MB",
    "papers_per_second": "papers/s",
    "milliseconds_a_paper": "one paper, ms",
}

SPREAD_NOTE = "Behind ± stands the standard deviation over repeats, where there is any."
COST_NOTE = (
    "Mean over trainings; memory: the most, of a process that holds the papers, too. Training includes the tuning of "
    "calibration and decision rule. "
    "Several trainings at a time share the cores, so compare times within this table only."
)
LEARNED = ("ndcg@10", "r@5")
"""The metrics of learning curves."""
DIFFERENCE_NOTE = (
    "Paired by paper, with the same resamples. The smallest difference that these papers can show is what a "
    "two-sided test at 5 % would find in four of five such test sets (2.8 standard errors); it says nothing of other "
    "training papers or seeds."
)


def ranking_columns(benchmark: Benchmark) -> list[str]:
    """The metrics of the ranked candidates, and those that were asked for beside the protocol's."""
    return [*RANKING_COLUMNS, *extra_columns(benchmark)]


def extra_columns(benchmark: Benchmark) -> list[str]:
    """The metrics that were asked for beside the protocol's."""
    return [name for name in benchmark.metrics if name not in (*RANKING_COLUMNS, *SET_COLUMNS)]


def number(value: float, metric: str) -> str:
    """A value with as many decimals as are worth reading."""
    return f"{value:.{digits_of(metric)}f}"


def digits_of(metric: str) -> int:
    """How many decimals of a metric are worth reading."""
    entry = (METRICS | RELIABILITY).get(metric)
    return entry.digits if entry else 3


def span(found: Interval, metric: str) -> str:
    """The interval's ends."""
    between = "–" if found.low >= 0 else " to "
    return f"{number(found.low, metric)}{between}{number(found.high, metric)}"


def spread_of(one: SystemResult, metric: str) -> str:
    """The standard deviation over repeats; empty where there is none to be seen."""
    spread = (one.spread or {}).get(metric)
    told = "" if spread is None else f"± {number(spread, metric)}"
    return "" if told == f"± {number(0, metric)}" else told


def detectable(found: Difference, metric: str) -> str:
    """The smallest difference that the papers can show; a dash where no resample differs from another."""
    return number(found.detectable, metric) if found.detectable > _NOTHING else "–"


def meanings(metrics: Sequence[str]) -> dict[str, str]:
    """What metrics mean, as far as that is written down."""
    known = METRICS | RELIABILITY
    return {name: known[name].meaning for name in metrics if name in known}


def signed_span(found: Difference, metric: str) -> str:
    """The ends of a difference's interval."""
    digits = digits_of(metric)
    return f"{found.low:+.{digits}f} to {found.high:+.{digits}f}"


def verdict(found: Difference) -> str:
    """What the interval of a difference says; nothing where no resample differs from another."""
    if found.detectable <= _NOTHING:
        return "–"
    if found.low > 0:
        return "higher"
    return "lower" if found.high < 0 else "not told apart"


def decisions(one: SystemResult) -> dict[str, Fact]:
    """What a system learned from, and how it decides, by the names of columns."""
    found = one.decisions or {}
    low, high = found["lowest threshold"], found["highest threshold"]
    return {
        "training papers": found["training papers"],
        "concepts in training": found["concepts in training"],
        "decision rule": found["rule"],
        "threshold": f"{low}" if low == high else f"{low} to {high}",
        "threshold source": found["threshold source"],
    }


def cost(one: SystemResult, name: str) -> str:
    """A cost with as many digits as are worth reading."""
    found = (one.cost or {})[name]
    return f"{found:,.0f}" if found >= 1000 else f"{found:.4g}"


def failure_rows(benchmark: Benchmark) -> list[tuple[str, str]]:
    """The systems without numbers, and why."""
    return [(one.name, "; ".join(one.failures)) for one in benchmark.systems if one.failures]


def published_rows(benchmark: Benchmark, metrics: Sequence[str]) -> list[tuple[str, list[float | None]]]:
    """Published values of these metrics; none for papers of our own."""
    if not benchmark.official:
        return []
    return [(row.system, [row.value(metric) for metric in metrics]) for row in PUBLISHED]


def best_systems(benchmark: Benchmark, most: int, metric: str = "ndcg@10") -> list[SystemResult]:
    """The best few systems, best first."""
    ranked = sorted(benchmark.finished, key=lambda one: -one.metrics[metric].value)  # type: ignore[index]
    return ranked[:most]
