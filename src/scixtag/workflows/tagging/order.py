"""What a tagging is told."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.errors import ConfigError
from scixtag.workflows.tagging.target import Target
from scixtag.workflows.wanted import ANYTHING, Wanted, check_threshold

SHARD = 2_000


@dataclass(frozen=True)
class Order:
    """Papers to tag.

    Attributes:
        model: The tagger's folder.
        source: `sample`, a file, a folder, or `hf:…`.
        target: Where the tags go.
        wanted: For each paper.
        fields: Which columns hold what.
        shard: Papers in a shard.
        engine: Who does the work.
        workers: How many of them; None leaves it to the engine.
        address: Of the engine's cluster.
        overwrite: Replace an output folder, and unfinished work of another order.
    """

    model: Path
    source: str
    target: Target
    wanted: Wanted = ANYTHING
    fields: Fields = ANY_FIELDS
    shard: int = SHARD
    engine: str = "local"
    workers: int | None = None
    address: str | None = None
    overwrite: bool = False

    def check(self) -> None:
        """See that what is told fits together.

        Raises:
            ConfigError, InputError: It does not.
        """
        check_threshold(self.wanted.threshold)
        if self.wanted.explain and (self.target.file_format, self.target.rows) != ("jsonl", "paper"):
            raise ConfigError(
                "--explain writes JSON Lines with one object a paper: name a .jsonl file, or pass --format jsonl; "
                "leave --rows out"
            )

    def options(self) -> dict[str, Any]:
        """All that changes the result, by the names of the command line."""
        wanted = asdict(self.wanted)
        return {
            "--format": self.target.file_format,
            "--rows": self.target.rows,
            "--shard": self.shard,
            **{f"--{name}": wanted[name] for name in ("limit", "threshold", "hierarchy", "explain")},
            **{f"--{name}-field": column for name, column in asdict(self.fields).items()},
        }
