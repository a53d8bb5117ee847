"""Progress of long work, reported to whoever is watching.

Work deep inside a model says how far it is with `track` or `stage`; the command line decides how that looks by
installing a `Reporter`. Nobody passes a progress bar down through ten calls, and without a watcher nothing happens.
"""

from collections.abc import Iterable, Iterator, Sized
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

T = TypeVar("T")


class Estimate(int):
    """A number of steps that nobody has counted; who shows it says so."""


class Reporter(Protocol):
    """Shows the progress of named pieces of work."""

    def start(self, name: str, total: int | None) -> int:
        """Begin a piece of work of `total` steps (None: unknown; maybe an `Estimate`); returns its handle."""

    def advance(self, handle: int, steps: int, detail: str) -> None:
        """Say that `steps` more steps are done; `detail` says how it goes, and empty that nothing new is known."""

    def finish(self, handle: int, *, complete: bool) -> None:
        """End the piece of work; not complete if an error or an interruption ended it."""

    def note(self, message: str) -> None:
        """Show a line that is worth reading."""


class Silent:
    """Shows nothing; a reporter that shows some of it inherits the rest."""

    def start(self, name: str, total: int | None) -> int:
        """See `Reporter.start`."""
        return 0

    def advance(self, handle: int, steps: int, detail: str) -> None:
        """See `Reporter.advance`."""

    def finish(self, handle: int, *, complete: bool) -> None:
        """See `Reporter.finish`."""

    def note(self, message: str) -> None:
        """See `Reporter.note`."""


_silent = Silent()
_reporter: ContextVar[Reporter | None] = ContextVar("reporter", default=None)


def _current() -> Reporter:
    reporter = _reporter.get()
    return _silent if reporter is None else reporter


@contextmanager
def reporting_to(reporter: Reporter) -> Iterator[None]:
    """Send all progress of the enclosed work to `reporter`."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


def note(message: str) -> None:
    """Tell the watcher something worth reading, such as what was dropped and why."""
    _current().note(message)


def track(items: Iterable[T], name: str, total: int | None = None) -> Iterator[T]:
    """Yield `items`, reporting one step for each."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with stage(name, total) as advance:
        for item in items:
            yield item
            advance(1)


class _Advance(Protocol):
    def __call__(self, steps: int, detail: str = "") -> None: ...


def stage(name: str, total: int | None = None) -> AbstractContextManager[_Advance]:
    """A piece of work of `total` steps; the context gives a function that reports steps.

    The function also takes a few words on how it goes, such as "loss 0.12".
    """
    return _stage(name, total)


@contextmanager
def _stage(name: str, total: int | None) -> Iterator[_Advance]:
    reporter = _current()
    handle = reporter.start(name, total)
    complete = False
    try:
        yield lambda steps, detail="": reporter.advance(handle, steps, detail)
        complete = True
    finally:
        reporter.finish(handle, complete=complete)
