"""Which checkpoint a training continues from, and what a finished one leaves."""

import json
import shutil
from pathlib import Path

from scixtag import processes

FOLDER = "checkpoints"
"""The checkpoints of a fit, in its place of a training."""

# The trainer writes this file last: a checkpoint that a kill cut short lacks it.
_LAST_FILE = "trainer_state.json"


def last_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint; incomplete ones are removed."""
    complete = []
    for checkpoint in folder.glob("checkpoint-*"):
        if _is_complete(checkpoint):
            complete.append(checkpoint)
        elif processes.is_main():
            shutil.rmtree(checkpoint, ignore_errors=True)
    return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _is_complete(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / _LAST_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
