"""What the models share that are a network: how they score, where they are kept, how they are exported."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast

import numpy as np
import numpy.typing as npt

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import ModelError
from scixtag.models.blocks import blocks
from scixtag.models.encoder.extras import require_extra
from scixtag.models.encoder.runtime import Runtime
from scixtag.models.encoder.settings import Device, NetworkSettings
from scixtag.models.encoder.windows import Tokenizer, joined
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.predictions.scores import Scores

if TYPE_CHECKING:
    from scixtag.models.encoder.torch_runtime import TorchRuntime

Floats = npt.NDArray[np.float32]
S = TypeVar("S")

_LOG = "training.jsonl"


class NetworkModel(ABC, Generic[S]):
    """A network with one output for each of some concepts.

    Title and abstract are one sequence, cut into windows of tokens. The folder is one of Hugging Face:
    `transformers.pipeline` reads it.

    A subclass fills `concepts_` and `_runtime` in `fit`.

    Attributes:
        concepts_: int32, the column of the vocabulary that each label of the network is.
        log_: The training log; empty if nothing was trained.
    """

    Settings: ClassVar[type[Any]]

    def __init__(self, settings: S | None = None, seed: int = 0) -> None:
        self.settings: S = settings or self.Settings()
        self.seed = seed
        self.concepts_: npt.NDArray[np.int32] | None = None
        self.log_: list[dict[str, Any]] = []
        self._runtime: Runtime | None = None

    @abstractmethod
    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`."""

    @property
    @abstractmethod
    def _network_settings(self) -> NetworkSettings:
        """How texts are cut, and what reads them."""

    @property
    @abstractmethod
    def _device(self) -> Device:
        """What computes."""

    @abstractmethod
    def _from_logits(self, logits: Floats) -> Floats:
        """Scores between 0 and 1 (papers, labels)."""

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        if self.concepts_ is None:
            raise not_fitted(self)
        if self._runtime is None:  # there was nothing to learn from
            return Scores.empty(len(texts))
        parts = [self._block(self._runtime, texts[block]) for block in blocks(len(texts), len(self.concepts_))]
        return Scores.concatenate(parts)

    def _block(self, runtime: Runtime, texts: Sequence[Text]) -> Scores:
        return Scores.from_dense(self._from_logits(self._logits(runtime, texts)), columns=self.concepts_)

    def _logits(self, runtime: Runtime, texts: Sequence[Text]) -> Floats:
        """Of each paper the highest logit over its windows (papers, labels)."""
        windows = runtime.tokenizer.windows(joined(texts))
        return windows.highest(runtime.logits(windows))

    def save(self, folder: Path) -> None:
        """See `Model.save`; beside our own files stand those that `transformers` reads."""
        if self.concepts_ is None:
            raise not_fitted(self)
        folder.mkdir(parents=True, exist_ok=True)
        if self._runtime is not None:
            self._runtime.save(folder)
        if self.log_:
            lines = [json.dumps(entry) + "\n" for entry in self.log_]
            (folder / _LOG).write_text("".join(lines), encoding="utf-8")
        files = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
        kind = self._runtime.kind if self._runtime else ""
        padding = self._runtime.tokenizer.padding if self._runtime else 0
        save_model(folder, self, {"concepts": self.concepts_}, files=files, runtime=kind, padding=padding)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`.

        Raises:
            ConfigError: The folder needs an extra that is not installed.
        """
        model, state, arrays, _ = load_model(cls, folder)
        model.concepts_ = arrays["concepts"]
        for name, size in state["files"].items():
            if not (folder / name).is_file() or (folder / name).stat().st_size != size:
                raise ModelError(f"{folder}: the stored model is damaged ({name}); train it again")
        if _LOG in state["files"]:
            model.log_ = [json.loads(line) for line in (folder / _LOG).read_text(encoding="utf-8").splitlines()]
        if state["runtime"]:
            tokenizer = model._tokenizer(state["runtime"], folder, state["padding"])
            model._runtime = _load_runtime(state["runtime"], folder, tokenizer, model._device)
        return model

    def _tokenizer(self, runtime: str, folder: Path, padding: int) -> Tokenizer:
        require_extra("onnx" if runtime == "onnx" else "encoder")
        return Tokenizer.from_folder(folder, self._network_settings, padding)

    def to_onnx(self, *, int8: bool) -> Self:
        """The same model for ONNX Runtime, which needs neither torch nor transformers.

        Args:
            int8: Weights and activations of matrix products in eight bits (dynamic quantisation): faster, and not
                quite the same scores.

        Raises:
            ModelError: Not fitted, or an ONNX model already.
            ConfigError: The extra is missing.
        """
        if self.concepts_ is None or self._runtime is None:
            raise not_fitted(self)
        if self._runtime.kind != "torch":
            raise ModelError("this model is an exported one already; export the model that was trained")
        require_extra("export")
        from scixtag.models.encoder.onnx_export import export

        other = type(self)(self.settings, self.seed)
        other.concepts_, other.log_ = self.concepts_, self.log_
        other._runtime = export(cast("TorchRuntime", self._runtime), int8=int8)
        return other


def _load_runtime(kind: str, folder: Path, tokenizer: Tokenizer, device: Device) -> Runtime:
    if kind == "onnx":
        from scixtag.models.encoder.onnx_runtime import OnnxRuntime

        exported: Runtime = OnnxRuntime.load(folder, tokenizer)
        return exported
    from scixtag.models.encoder.torch_runtime import TorchRuntime

    return TorchRuntime.load(folder, tokenizer, device)
