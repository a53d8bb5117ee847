"""What waits, of several clients who take turns: one that sends much waits for itself, and not the others for it."""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Generic, TypeVar

Item = TypeVar("Item")

CLIENT: ContextVar[str] = ContextVar("CLIENT", default="")
"""Who asks, while a request is answered."""


class FullError(Exception):
    """So many papers wait that another one would not be read in time."""


class Turns(Generic[Item]):
    """A queue between threads with a line for each client.

    Args:
        room: Items that wait at most. A client of whom none waits has as much room again: it shall not be turned away
            because of others.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._lines: OrderedDict[str, deque[Item]] = OrderedDict()
        self._waiting = 0
        self._ended = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return self._waiting

    def put(self, items: Sequence[Item], client: str) -> None:
        """Add a client's items, all or none.

        Raises:
            FullError: There is no room.
        """
        with self._changed:
            room = self._room if client in self._lines else 2 * self._room
            if self._waiting + len(items) > room:
                raise FullError
            self._lines.setdefault(client, deque()).extend(items)
            self._waiting += len(items)
            self._changed.notify()

    def take(self, most: int) -> list[Item]:
        """The next items, one of each client in turn; waits until there is one. Empty when nothing comes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            taken: list[Item] = []
            while self._lines and len(taken) < most:
                client, line = self._lines.popitem(last=False)
                taken.append(line.popleft())
                if line:
                    self._lines[client] = line
            self._waiting -= len(taken)
            return taken

    def end(self) -> None:
        """Nothing comes any more; what waits can still be taken."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
