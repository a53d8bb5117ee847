"""How progress and results look: bars on a terminal, plain lines elsewhere, nothing with --quiet."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scixtag.progress import Estimate, reporting_to

if TYPE_CHECKING:
    from rich.console import Console

_LINE_EVERY = 10.0
"""Seconds between two plain progress lines of the same piece of work."""


@contextmanager
def console(*, quiet: bool) -> Iterator[None]:
    """Report all progress of the enclosed work on standard error."""
    if quiet:
        yield
    elif sys.stderr.isatty():
        with _Bars() as bars, reporting_to(bars):
            yield
    else:
        with reporting_to(_Lines()):
            yield


class _Bars:
    """Live bars with rate and estimate."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Remaining

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:,}/{task.fields[of]}", markup=False),
            TimeElapsedColumn(),
            Remaining(),
            TextColumn("{task.fields[detail]}", markup=False),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> "_Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def start(self, name: str, total: int | None) -> int:
        return int(self._progress.add_task(name, total=total, of="?" if total is None else _total(total), detail=""))

    def advance(self, handle: int, steps: int, detail: str) -> None:
        from rich.progress import TaskID

        told: dict[str, Any] = {"detail": detail} if detail else {}
        self._progress.update(TaskID(handle), advance=steps, **told)

    def finish(self, handle: int, *, complete: bool) -> None:
        from rich.progress import TaskID

        self._progress.remove_task(TaskID(handle))

    def note(self, message: str) -> None:
        self._progress.console.print(message, markup=False, highlight=False)


class _Lines:
    """A line at the end of each piece of work, and one every ten seconds of a long one."""

    def __init__(self) -> None:
        self._work: dict[int, dict[str, Any]] = {}

    def start(self, name: str, total: int | None) -> int:
        handle = len(self._work)
        now = time.monotonic()
        self._work[handle] = {"name": name, "total": total, "done": 0, "detail": "", "began": now, "said": now}
        return handle

    def advance(self, handle: int, steps: int, detail: str) -> None:
        work = self._work[handle]
        work["done"] += steps
        work["detail"] = detail or work["detail"]
        now = time.monotonic()
        if now - work["said"] >= _LINE_EVERY:
            work["said"] = now
            self.note(_progress_line(work, now - work["began"]))

    def finish(self, handle: int, *, complete: bool) -> None:
        work = self._work[handle]
        seconds = time.monotonic() - work["began"]
        if not complete:
            said = f"stopped after {work['done']:,} and {seconds:.1f} s"
        elif work["total"] == 1:
            said = f"done in {seconds:.1f} s"
        else:
            said = f"{work['done']:,} in {seconds:.1f} s"
        self.note(f"{work['name']}: {said}{_detail(work)}")

    def note(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)


def _progress_line(work: Mapping[str, Any], seconds: float) -> str:
    done, total = work["done"], work["total"]
    if not total or not done or done > total:
        return f"{work['name']}: {done:,} after {seconds:.0f} s{_detail(work)}"
    left = seconds / done * (total - done)
    return f"{work['name']}: {done:,} of {_total(total)}, about {left:.0f} s left{_detail(work)}"


def _total(total: int) -> str:
    return f"about {total:,}" if isinstance(total, Estimate) else f"{total:,}"


def _detail(work: Mapping[str, Any]) -> str:
    return f"; {work['detail']}" if work["detail"] else ""


def show_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table to standard output; numbers stand to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=any(header), box=box.SIMPLE_HEAD)
    for place, name in enumerate(header):
        number = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    output = standard_output()
    if title:
        output.print(title, style="bold", markup=False)
    output.print(table)


def standard_output() -> "Console":
    """A console that prints results."""
    from rich.console import Console

    # A pipe has no width of its own; without one, long names would be cut.
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False)


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
