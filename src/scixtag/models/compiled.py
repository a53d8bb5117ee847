"""Loops over arrays, compiled for this machine (the only import of numba)."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from numba.core import event
from scipy.sparse import csr_array

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


class Sparse(NamedTuple):
    """A csr matrix in the types of compiled code.

    Attributes:
        starts: int32 (rows + 1,), or int64 where there are too many values.
        indices: uint32 (values,): compiled code need not ask whether they count from the end.
        data: float32 (values,).
    """

    starts: npt.NDArray[np.integer]
    indices: npt.NDArray[np.integer]
    data: npt.NDArray[np.float32]


def sparse(matrix: csr_array) -> Sparse:
    """A csr matrix for a compiled function to read, with the types that stored and fitted ones mostly have.

    So nothing is copied for each paper or concept, which would take longer than what is done with it.
    """
    narrow = matrix.nnz <= np.iinfo(np.int32).max
    starts = constant(matrix.indptr, np.int32 if narrow else np.int64)
    indices = constant(matrix.indices, np.int32).view(np.uint32)
    return Sparse(starts, indices, constant(matrix.data, np.float32))


class _Told(event.Listener):
    """Says once why nothing seems to happen."""

    def on_start(self, event: Any) -> None:
        if not self.told:
            self.told = True
            progress.note("compiling for this machine; what was compiled is kept, so this happens once")

    def on_end(self, event: Any) -> None: ...

    told = False


event.register("numba:compile", _Told())  # type: ignore[no-untyped-call]
