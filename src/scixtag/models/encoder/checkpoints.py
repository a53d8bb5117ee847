"""Which checkpoint a training continues from, and what a finished one leaves."""

import json
import shutil
from pathlib import Path

from scixtag import processes

FOLDER = "checkpoints"
"""The checkpoints of a fit, in its place of a training."""

# The trainer writes this file last: a checkpoint that a kill cut short lacks it.
STATE_FILE = "trainer_state.json"


def last_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint; incomplete ones are removed."""
    complete = []
    for checkpoint in folder.glob("checkpoint-*"):
        if _is_complete(checkpoint):
            complete.append(checkpoint)
        elif processes.is_main():
            shutil.rmtree(checkpoint, ignore_errors=True)
    return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def forget_state(checkpoint: Path) -> None:
    """A checkpoint that is about to be written a second time is not complete until that is done."""
    (checkpoint / STATE_FILE).unlink(missing_ok=True)


def stopped_early(checkpoint: Path, patience: int) -> Path | None:
    """The best checkpoint of a training that early stopping had ended by then; None: it was to go on."""
    if not patience:
        return None
    state = json.loads((checkpoint / STATE_FILE).read_text(encoding="utf-8"))
    watch = state.get("stateful_callbacks", {}).get("EarlyStoppingCallback", {})
    waited = watch.get("attributes", {}).get("early_stopping_patience_counter", 0)
    best = state.get("best_model_checkpoint")
    return Path(best) if waited >= patience and best and Path(best).is_dir() else None


def _is_complete(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
