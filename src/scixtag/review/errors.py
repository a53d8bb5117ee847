"""What can happen between several curators and one database, beside what `scixtag.errors` names."""

from typing import TYPE_CHECKING

from scixtag.errors import InputError, RemoteError, ScixtagError

if TYPE_CHECKING:
    from scixtag.review.decisions import Event


class StaleError(ScixtagError):
    """Somebody else has decided on the paper since it was read; nothing was written.

    Attributes:
        paper: Its id.
        seq: The number of its last event now.
        events: What happened since, in order; empty if the caller expected more than ever happened.
    """

    def __init__(self, paper: str, expected: int, seq: int, events: "tuple[Event, ...]") -> None:
        names = ", ".join(sorted({event.who for event in events})) or "nobody"
        super().__init__(
            f"{paper}: this was decided on event {expected}, and the last one is {seq} (since then: {names}); "
            "look at the paper again, then decide"
        )
        self.paper = paper
        self.seq = seq
        self.events = events


class UnknownPaperError(ScixtagError):
    """The database holds no such paper."""


class UnavailableError(RemoteError):
    """The database is locked, full, gone or away; nothing was written, and trying again may help."""


class DamagedError(InputError):
    """Where the database should be is something else, or it is damaged."""


class TokenError(ScixtagError):
    """A token that was valid once is no longer.

    Attributes:
        reason: "expired" or "revoked".
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the token '{name}' is {reason}; ask for a new one (`scixtag token create`)")
        self.reason = reason


class TakenNameError(InputError):
    """Somebody has a token of this name."""


class NoTokenError(InputError):
    """Nobody has a token of this name."""
