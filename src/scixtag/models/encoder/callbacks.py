"""What happens between two updates: progress, the log, checkpoints, and stopping when asked."""

import json
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from transformers.trainer_callback import TrainerCallback

from scixtag import processes, progress


class TrainingLog(TrainerCallback):
    """Shows progress with loss and rate, and writes each entry of the log as a line of JSON.

    Args:
        path: The file, to which is appended; None: no file.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._work = ExitStack()
        self._advance: Any = None
        self._detail = ""

    def __enter__(self) -> "TrainingLog":
        return self

    def __exit__(self, *error: Any) -> None:
        self._work.__exit__(*error)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Open the bar, and fill it up to where a resumed training continues."""
        self._advance = self._work.enter_context(progress.stage("training the encoder", state.max_steps))
        if state.global_step:
            progress.note(f"continuing after {state.global_step:,} of {state.max_steps:,} updates")
            self._advance(state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """One update is done."""
        self._advance(1, self._detail)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Remember loss and rate for the bar; write the line; tell validation metrics."""
        entry = dict(logs or {})
        if "loss" in entry:
            self._detail = f"loss {entry['loss']:.4g}, rate {entry.get('learning_rate', 0):.2g}"
        metrics = {name.removeprefix("eval_"): entry[name] for name in _told(entry)}
        if metrics:
            values = ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())
            progress.note(f"validation after epoch {state.epoch:.3g}: {values}")
        if self._path is not None and processes.is_main():
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"step": state.global_step, **entry}) + "\n")


def _told(entry: dict[str, Any]) -> list[str]:
    dull = ("eval_runtime", "eval_samples_per_second", "eval_steps_per_second")
    return [name for name in entry if name.startswith("eval_") and name not in dull]


def _epoch_ends(state: Any) -> bool:
    """Whether this update is the last of an epoch: the trainer evaluates and writes a checkpoint right after it.

    A checkpoint before that evaluation would be one from which the evaluation is never made up for.
    """
    return float(state.epoch).is_integer() or state.global_step >= state.max_steps


class CheckpointEvery(TrainerCallback):
    """Writes checkpoints within an epoch; the trainer writes one at the end of each, where the best are told apart."""

    def __init__(self, steps: int) -> None:
        self._steps = steps

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint."""
        if state.global_step % self._steps == 0 and not _epoch_ends(state):
            control.should_save = True


class StopNow(Exception):  # noqa: N818
    """Leaves the trainer right after a checkpoint was written: what it does at the end of a training is not due."""


class StopOnSignal(TrainerCallback):
    """On SIGTERM or Ctrl-C: finish the update, write a checkpoint, stop.

    transformers' own way (`enable_jit_checkpoint`) waits three seconds first, leaves Ctrl-C alone, evaluates an
    unfinished epoch, and does not tell its caller that the training is not complete. A second Ctrl-C stops at once.

    Attributes:
        signal: The name of the signal that came, or empty.
    """

    def __init__(self) -> None:
        self.signal = ""
        self._agreed = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "StopOnSignal":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, *_: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.signal and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number).name
        progress.note(f"{self.signal}: stopping after this update")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint, if a signal came to any of the processes; the end of an epoch brings one anyway."""
        if self._anywhere(args.device):
            self.signal = self.signal or "a signal to another process"
            self._agreed = True
            control.should_save = not _epoch_ends(state)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop.

        Raises:
            StopNow: A signal came.
        """
        if self._agreed:
            raise StopNow

    def _anywhere(self, device: torch.device) -> bool:
        if processes.count() == 1:
            return bool(self.signal)
        came = torch.tensor(float(bool(self.signal)), device=device)
        torch.distributed.all_reduce(came)
        return bool(came.item())
