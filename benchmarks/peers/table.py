"""Rows to Markdown."""

from judging import METRICS, Row

LEGEND = """\
Quality: the value and its 95 % bootstrap interval over papers; below, the difference from `scixtag` on the same papers,
paired, and its interval. Sets: "tuned" is one threshold for all concepts, the one of best micro-F1 on a held-out tenth
of the training papers (one number a fold); the model is then trained once more on all of them. Labels that training
never showed, and labels outside the vocabulary, stay in every denominator of recall.

Costs: the mean over folds, in brackets the ratio to `scixtag`; memory is that of the largest process, its largest over
folds. "tuning" is all that was done for the threshold and other settings before the final training; "start", from the
start of a process to its first answer (median of 3); "one paper", in a warm process (median of 50); "load", how many
processes wanted a core just before. On a busy machine compare seconds of the processor (CPU): the others grow with what
else runs.
"""


def markdown(rows: list[Row], papers: int, folds: int) -> str:
    """The whole page.

    Args:
        rows: See `judging.rows_of`.
        papers: Test papers over all folds that are to be run.
        folds: How many these are.
    """
    good = [row for row in rows if row.metrics]
    parts = [f"{papers:,} test papers in {folds} {'fold' if folds == 1 else 'folds'}.\n", LEGEND]
    if good:
        parts += [_quality(good), _differences([row for row in good if row.differences]), _costs(good)]
    failed = [f"| {row.system} | {_cell(row.failure)} |" for row in rows if row.failure]
    if failed:
        parts.append("\n".join(["| system | failed |", "|---|---|", *failed]) + "\n")
    return "\n".join(part for part in parts if part)


def _quality(rows: list[Row]) -> str:
    lines = [f"| system | folds | {' | '.join(METRICS)} | sets |", "|---" * (len(METRICS) + 3) + "|"]
    for row in rows:
        cells = ["{:.3f} ({:.3f}–{:.3f})".format(*row.metrics[metric]) for metric in METRICS]
        lines.append(f"| {row.system} | {', '.join(row.folds)} | {' | '.join(cells)} | {row.threshold} |")
    return "\n".join(lines) + "\n"


def _differences(rows: list[Row]) -> str:
    if not rows:
        return ""
    lines = [f"| less scixtag | {' | '.join(METRICS)} |", "|---" * (len(METRICS) + 1) + "|"]
    for row in rows:
        cells = ["{:+.3f} ({:+.3f} to {:+.3f})".format(*row.differences[metric]) for metric in METRICS]
        lines.append(f"| {row.system} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _costs(rows: list[Row]) -> str:
    names = list(rows[0].costs)
    first = rows[0].costs | {"load before": None} if rows[0].system == "scixtag" else {}
    lines = [f"| cost | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for row in rows:
        cells = [_cost(row.costs[name], first.get(name)) for name in names]
        lines.append(f"| {row.system} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cost(value: float | None, reference: float | None) -> str:
    if value is None:
        return "–"
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{shown} ({value / reference:.2g} ×)" if reference else shown


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
