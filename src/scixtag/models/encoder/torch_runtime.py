"""A trained network in torch, and its folder in Hugging Face's layout."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel

from scixtag.errors import ModelError
from scixtag.models.encoder import inference
from scixtag.models.encoder.pretrained import quietly
from scixtag.models.encoder.windows import Tokenizer, Windows


class TorchRuntime:
    """See `Runtime`.

    Args:
        network: In evaluation mode, on its device.
        pretrained_tokenizer: transformers' own, for the folder.
        tokenizer: Texts to windows.
    """

    kind: ClassVar = "torch"

    def __init__(self, network: PreTrainedModel, pretrained_tokenizer: Any, tokenizer: Tokenizer) -> None:
        self.network = network.eval()
        self.pretrained_tokenizer = pretrained_tokenizer
        self.tokenizer = tokenizer

    def logits(self, windows: Windows) -> npt.NDArray[np.float32]:
        """See `Runtime.logits`."""
        return inference.logits(self.network, windows, self.tokenizer.padding)

    def save(self, folder: Path) -> None:
        """See `Runtime.save`; `transformers.pipeline("text-classification", model=folder)` reads the folder."""
        with quietly():
            self.network.save_pretrained(folder)
            self.pretrained_tokenizer.save_pretrained(folder)

    @classmethod
    def load(cls, folder: Path, tokenizer: Tokenizer, device: str) -> "TorchRuntime":
        """Read what `save` wrote.

        Raises:
            ModelError: The folder is damaged.
        """
        # Makes our own heads known to transformers.
        import scixtag.models.encoder.heads  # noqa: F401

        try:
            with quietly():
                network = AutoModelForSequenceClassification.from_pretrained(
                    folder, local_files_only=True, dtype=torch.float32
                )
                pretrained_tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"{folder}: the stored encoder is damaged ({error}); train it again") from error
        # A model that was trained on a graphics card also tags where there is none.
        here = inference.device_named("auto" if device == "cuda" else device)
        return cls(network.to(here), pretrained_tokenizer, tokenizer)
