"""Loops over arrays, compiled for this machine (the only import of numba)."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from numba.core import event

from scixtag import progress

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """A function of arrays and numbers as machine code; it runs without the interpreter's lock.

    The first call with arrays of new types compiles it, which takes seconds; the result is kept beside the source file,
    or in the user's cache where that cannot be written. Arithmetic is that of the source, to the bit: nothing is
    reordered, and products are not fused with sums.
    """
    try:
        return cast(F, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # nothing can be kept anywhere
        return cast(F, numba.njit(nogil=True)(function))


def constant(array: npt.NDArray[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """An array for a compiled function to read: contiguous, of one type, and not to be written.

    A function is compiled once for each combination of types, and an array that was mapped from a file has another type
    than one that was just computed; so has one of another width. Copied only where it must be.
    """
    view = np.ascontiguousarray(array, dtype).view()
    view.flags.writeable = False
    return view


class _Told(event.Listener):
    """Says once why nothing seems to happen."""

    def on_start(self, event: Any) -> None:
        if not self.told:
            self.told = True
            progress.note("compiling for this machine; what was compiled is kept, so this happens once")

    def on_end(self, event: Any) -> None: ...

    told = False


event.register("numba:compile", _Told())  # type: ignore[no-untyped-call]
