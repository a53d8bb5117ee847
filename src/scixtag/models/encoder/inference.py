"""Windows through a network: logits and vectors, without gradients, in batches of similar length."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import PreTrainedModel

from scixtag import processes
from scixtag.errors import ConfigError
from scixtag.models.encoder.network import text_vectors
from scixtag.models.encoder.runtime import reading
from scixtag.models.encoder.settings import OptimisationSettings
from scixtag.models.encoder.windows import Windows, batches, padded

Floats = npt.NDArray[np.float32]


def device_named(name: str) -> torch.device:
    """The device of the setting; "auto" is the graphics card if there is one, and of several that of this process.

    Raises:
        ConfigError: There is no graphics card.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("model.device = 'cuda', and torch finds no graphics card; set it to 'auto' or 'cpu'")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name, processes.local_number()) if name == "cuda" else torch.device(name)


def computes_in_bfloat16(device: torch.device) -> bool:
    """Whether the device has instructions for it; where it has none, bfloat16 is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    found = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(found and found())


def trains_in_bfloat16(settings: OptimisationSettings) -> bool:
    """Whether training computes in mixed precision."""
    device = device_named(settings.device)
    return settings.precision == "bfloat16" or (settings.precision == "auto" and computes_in_bfloat16(device))


def logits(network: PreTrainedModel, windows: Windows, padding: int) -> Floats:
    """The logit of every label (windows, labels)."""
    found: Floats = _each_batch(network, windows, padding, lambda n, m: network(input_ids=n, attention_mask=m).logits)
    return found


def vectors(network: PreTrainedModel, texts: Windows, padding: int) -> Tensor:
    """What the output layer reads of each text's first window (texts, width)."""
    firsts = texts.firsts(range(len(texts)))
    return torch.from_numpy(_each_batch(network, firsts, padding, lambda n, m: text_vectors(network, n, m)))


@torch.inference_mode()
def _each_batch(
    network: PreTrainedModel, windows: Windows, padding: int, compute: Callable[[Tensor, Tensor], Any]
) -> Floats:
    was_training = network.training
    network.eval()
    device = next(network.parameters()).device
    result: Floats | None = None
    total = len(windows.tokens)
    with reading(total) as advance:
        for rows in batches(windows):
            numbers, mask = (
                torch.from_numpy(array).to(device) for array in padded([windows.tokens[i] for i in rows], padding)
            )
            values = compute(numbers, mask).float().cpu().numpy()
            if result is None:
                result = np.empty((total, values.shape[1]), np.float32)
            result[rows] = values
            advance(len(rows))
    network.train(was_training)
    return np.empty((0, 0), np.float32) if result is None else result
