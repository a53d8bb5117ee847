"""The hierarchy of a vocabulary: broader and narrower concepts, as columns."""

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Vocabulary

MAX_PATHS = 1000
"""How many paths `Hierarchy.paths` gives at most: their number can grow exponentially with depth."""

_Path = tuple[int, "_Path | None"]


class Hierarchy:
    """The directed acyclic graph of a vocabulary's concepts.

    All arguments and results are columns of the vocabulary; results are in ascending order.

    Attributes:
        roots: The concepts without a broader one. A deprecated concept that stands alone is left out: it has left the
            hierarchy and is not a top of it.

    Raises:
        InputError: A concept is broader than itself, directly or through others, or a broader concept does not exist.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._parents = _parent_columns(vocabulary)
        children: list[list[int]] = [[] for _ in vocabulary]
        for column, parents in enumerate(self._parents):
            for parent in parents:
                children[parent].append(column)
        self._children = [tuple(below) for below in children]
        _check_acyclic(vocabulary, self._parents, self._children)
        self._depths = self._measure_depths()
        self.roots = tuple(
            column
            for column, concept in enumerate(vocabulary)
            if not self._parents[column] and (self._children[column] or not concept.deprecated)
        )

    def parents(self, column: int) -> tuple[int, ...]:
        """The concepts directly above."""
        return self._parents[column]

    def children(self, column: int) -> tuple[int, ...]:
        """The concepts directly below."""
        return self._children[column]

    def siblings(self, column: int) -> tuple[int, ...]:
        """The other concepts that share at least one parent; none for a root."""
        beside = {child for parent in self._parents[column] for child in self._children[parent]}
        return tuple(sorted(beside - {column}))

    def ancestors(self, column: int) -> tuple[int, ...]:
        """All concepts above."""
        return _reachable(column, self._parents)

    def descendants(self, column: int) -> tuple[int, ...]:
        """All concepts below."""
        return _reachable(column, self._children)

    def depth(self, column: int) -> int:
        """The number of steps up to the nearest concept without a parent; 0 for such a concept."""
        return self._depths[column]

    def shortest_path(self, column: int) -> tuple[int, ...]:
        """A path of fewest steps from a root down to the concept, both included.

        Of several it is the one that, from the concept upwards, takes the lowest column among the parents nearest to a
        root.
        """
        steps = [column]
        while parents := self._parents[steps[-1]]:
            steps.append(min(parents, key=lambda parent: (self._depths[parent], parent)))
        return tuple(reversed(steps))

    def paths(self, column: int, limit: int = MAX_PATHS) -> tuple[tuple[int, ...], ...]:
        """The paths from a root down to the concept, both included; shorter ones first.

        Args:
            column: The concept.
            limit: Stop after so many paths; which ones are left out is then arbitrary, but the same every time, and the
                shortest one may be among them.
        """
        found: list[tuple[int, ...]] = []
        pending: list[_Path] = [(column, None)]
        while pending and len(found) < limit:
            path = pending.pop()
            parents = self._parents[path[0]]
            if not parents:
                found.append(_unrolled(path))
            pending.extend((parent, path) for parent in parents)
        return tuple(sorted(found, key=lambda steps: (len(steps), steps)))

    def _measure_depths(self) -> list[int]:
        depths = [-1] * len(self._parents)
        level = [column for column, parents in enumerate(self._parents) if not parents]
        depth = 0
        while level:
            for column in level:
                depths[column] = depth
            below = {child for column in level for child in self._children[column]}
            level = [column for column in below if depths[column] < 0]
            depth += 1
        return depths


def _parent_columns(vocabulary: Vocabulary) -> list[tuple[int, ...]]:
    parents = []
    for concept in vocabulary:
        try:
            parents.append(tuple(sorted({vocabulary.column(broader) for broader in concept.broader})))
        except KeyError as error:
            raise InputError(
                f"concept {concept.id} ({concept.name}) has the broader concept {error.args[0]!r}, "
                "which is not in the vocabulary; add it or remove the link"
            ) from error
    return parents


def _check_acyclic(vocabulary: Vocabulary, parents: list[tuple[int, ...]], children: list[tuple[int, ...]]) -> None:
    """Take away concept after concept whose parents are all gone; what remains holds a cycle (Kahn 1962)."""
    waiting = [len(above) for above in parents]
    gone = [column for column, count in enumerate(waiting) if not count]
    for column in gone:
        for child in children[column]:
            waiting[child] -= 1
            if not waiting[child]:
                gone.append(child)
    if len(gone) == len(parents):
        return
    cycle = _find_cycle(parents, waiting)
    names = " → ".join(f"{vocabulary[column].name} ({vocabulary[column].id})" for column in cycle)
    raise InputError(f"the hierarchy has a cycle: {names}, each with the next as a broader concept; remove one link")


def _find_cycle(parents: list[tuple[int, ...]], waiting: list[int]) -> list[int]:
    """A cycle among the concepts that still wait for a parent, from narrower to broader; first and last are one."""
    column = next(column for column, count in enumerate(waiting) if count)
    steps: dict[int, int] = {}
    while column not in steps:
        steps[column] = len(steps)
        column = next(parent for parent in parents[column] if waiting[parent])
    return [*list(steps)[steps[column] :], column]


def _reachable(column: int, neighbours: list[tuple[int, ...]]) -> tuple[int, ...]:
    found: set[int] = set()
    pending = list(neighbours[column])
    while pending:
        reached = pending.pop()
        if reached not in found:
            found.add(reached)
            pending.extend(neighbours[reached])
    return tuple(sorted(found))


def _unrolled(path: _Path) -> tuple[int, ...]:
    steps = []
    rest: _Path | None = path
    while rest is not None:
        column, rest = rest
        steps.append(column)
    return tuple(steps)
