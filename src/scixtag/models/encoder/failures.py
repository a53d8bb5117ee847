"""What can end a training badly, and what to do then."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from scixtag.errors import DivergedError, ScixtagError
from scixtag.models.encoder.checkpoints import last_checkpoint
from scixtag.models.encoder.settings import EncoderSettings


class ResourceError(ScixtagError):
    """The machine has not enough memory."""


@contextmanager
def explaining_failures(settings: EncoderSettings, folder: Path | None) -> Iterator[None]:
    """Turn what torch raises into a message that says what to change.

    Raises:
        DivergedError: As inside, with advice.
        ResourceError: Out of memory, on the graphics card or beside it.
    """
    try:
        yield
    except DivergedError as error:
        checkpoint = last_checkpoint(folder) if folder else None
        kept = f"; the last good checkpoint is {checkpoint}" if checkpoint else ""
        raise DivergedError(f"{error}{kept}. {_calmer(settings)}") from error
    except torch.OutOfMemoryError as error:
        raise ResourceError(f"out of memory on the device. {_smaller(settings)}") from error
    except MemoryError as error:
        raise ResourceError(f"out of memory. {_smaller(settings)}") from error
    except RuntimeError as error:
        if not any(words in str(error).lower() for words in ("not enough memory", "alloc")):
            raise
        raise ResourceError(f"out of memory. {_smaller(settings)}") from error


def _calmer(settings: EncoderSettings) -> str:
    advice = [f"lower model.learning_rate (now {settings.learning_rate:g})"]
    if not settings.clip_norm:
        advice.append("set model.clip_norm = 1.0")
    if not settings.warmup:
        advice.append("set model.warmup = 0.1")
    if settings.precision != "float32":
        advice.append("set model.precision = 'float32'")
    return f"To mend it: {', or '.join(advice)}; a changed setting starts anew (--overwrite)"


def _smaller(settings: EncoderSettings) -> str:
    parts = min(settings.batch_size, 2 * settings.accumulation)
    advice = []
    if parts > settings.accumulation:
        advice.append(f"model.accumulation = {parts} (same result, slower)")
    if not settings.gradient_checkpointing:
        advice.append("model.gradient_checkpointing = true (same result, slower)")
    advice.append(f"a smaller model.max_length (now {settings.max_length}) or model.batch_size")
    return f"To need less: {', or '.join(advice)}"
