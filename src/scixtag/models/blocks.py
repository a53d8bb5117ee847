"""Dense results in blocks of papers, so that memory does not grow with the batch."""

from collections.abc import Iterator

_CELLS = 4_000_000


def blocks(papers: int, columns: int) -> Iterator[slice]:
    """Consecutive slices of papers, of which a dense matrix with `columns` columns stays near 16 MB in float32."""
    size = max(1, _CELLS // max(columns, 1))
    for start in range(0, papers, size):
        yield slice(start, min(start + size, papers))
