"""Fits of many concepts, several at a time, by whatever runs them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from joblib import Parallel, delayed  # type: ignore[import-untyped]
from joblib.parallel import get_active_backend  # type: ignore[import-untyped]

from scixtag.processes import cores

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(do: Callable[..., R], work: Sequence[T], threads: int, *shared: Any) -> Iterator[R]:
    """`do(one, *shared)` for each piece of work, in its order.

    Threads of this process do it, or what the caller has set by `joblib.parallel_config`: processes, Dask, Ray. Large
    arrays in `shared` are then mapped from files where the backend can.

    Args:
        do: A function of a module, so that processes can be given it.
        work: The pieces.
        threads: How many at a time; 0: as many as the caller's setting says, or as there are cores.
        shared: Given to every call.
    """
    backend, asked = get_active_backend(prefer="threads")
    most = threads or asked or (cores() if backend.default_n_jobs == 1 else None)
    how = "generator" if backend.supports_return_generator else "list"
    tasks = (delayed(do)(one, *shared) for one in work)
    yield from Parallel(n_jobs=most, prefer="threads", return_as=how)(tasks)
