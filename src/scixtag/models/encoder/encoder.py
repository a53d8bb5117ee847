"""A fine-tuned transformer as a model; needs torch and its kin only when it is trained or asked."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from scixtag import processes, workspace
from scixtag.corpus.examples import Examples
from scixtag.corpus.splits import stratified_split
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError, ModelError
from scixtag.models.blocks import blocks
from scixtag.models.encoder import checkpoints
from scixtag.models.encoder.extras import require_extra
from scixtag.models.encoder.randomness import own_randomness
from scixtag.models.encoder.runtime import Runtime
from scixtag.models.encoder.settings import EncoderSettings
from scixtag.models.encoder.windows import Tokenizer, joined
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.predictions.scores import Scores

if TYPE_CHECKING:
    from scixtag.models.encoder.torch_runtime import TorchRuntime

_FINISHED = "finished"
_LOG = "training.jsonl"


class Encoder:
    """A pretrained transformer, fine-tuned to one sigmoid for each concept that training papers carry.

    Title and abstract are one sequence, cut into windows of tokens. Training runs on transformers' own trainer: with
    `accelerate launch` on several devices, with checkpoints where `scixtag train` gives it a place, and on with
    `--resume`. The folder of a trained encoder is one of Hugging Face: `transformers.pipeline` reads it.

    Attributes:
        concepts_: int32, the column of the vocabulary that each label of the network is.
        log_: The training log.
    """

    Settings: ClassVar = EncoderSettings

    def __init__(self, settings: EncoderSettings | None = None, seed: int = 0) -> None:
        self.settings = settings or EncoderSettings()
        self.seed = seed
        self.concepts_: npt.NDArray[np.int32] | None = None
        self.log_: list[dict[str, Any]] = []
        self._runtime: Runtime | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`.

        Raises:
            ConfigError: The extra is missing, or the encoder cannot be used with these settings.
            RemoteError: The encoder is not on this machine and the hub did not give it.
            StoppedError: A signal came; what was done so far lies in the workspace, if there is one.
            DivergedError: The loss became no number.
            ResourceError: The memory does not suffice.
        """
        require_extra("encoder")
        place = workspace.current()
        if place and place.resume and (place.folder / _FINISHED).is_dir():
            return self._take_over(type(self).load(place.folder / _FINISHED))
        self.log_, self._runtime = [], None
        with own_randomness(self.seed):
            self._fine_tune(*self._with_validation(train, validation), place)
        if place:
            self._finish(place.folder)
        return self

    def _with_validation(self, train: Examples, validation: Examples | None) -> tuple[Examples, Examples | None]:
        """Set papers aside for early stopping if it needs some and none are given."""
        if validation is not None and len(validation):
            return train, validation
        if not self.settings.early_stopping:
            return train, None
        if len(train) < 2:
            raise ConfigError("early_stopping needs papers to measure on, and there is only one; set it to 0")
        rest, held = stratified_split(train.targets, self.settings.validation_share, self.seed)
        return train.take(rest), train.take(held)

    def _fine_tune(self, train: Examples, validation: Examples | None, place: workspace.Workspace | None) -> None:
        from scixtag.models.encoder.failures import explaining_failures
        from scixtag.models.encoder.fine_tuning import fine_tune_encoder

        # Concepts that only the papers set aside carry have nothing to learn from.
        self.concepts_ = np.flatnonzero(train.label_counts).astype(np.int32)
        if len(self.concepts_):
            with explaining_failures(self.settings, place.folder / checkpoints.FOLDER if place else None):
                self._runtime, self.log_ = fine_tune_encoder(
                    self.settings, self.seed, train, validation, self.concepts_, place
                )

    def _finish(self, folder: Path) -> None:
        """Keep the result in place of the checkpoints, which are larger: a resumed run takes it over."""
        if processes.is_main():
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f"{_FINISHED}.draft"
            for old in (draft, folder / _FINISHED):
                shutil.rmtree(old, ignore_errors=True)
            self.save(draft)
            draft.rename(folder / _FINISHED)
            shutil.rmtree(folder / checkpoints.FOLDER, ignore_errors=True)

    def _take_over(self, other: Self) -> Self:
        self.concepts_, self.log_, self._runtime = other.concepts_, other.log_, other._runtime
        return self

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        if self.concepts_ is None:
            raise not_fitted(self)
        if self._runtime is None:  # no training paper carried a concept
            return Scores.empty(len(texts))
        parts = [self._block(self._runtime, texts[block]) for block in blocks(len(texts), len(self.concepts_))]
        return Scores.concatenate(parts)

    def _block(self, runtime: Runtime, texts: Sequence[Text]) -> Scores:
        windows = runtime.tokenizer.windows(joined(texts))
        highest = windows.highest(runtime.logits(windows))
        return Scores.from_dense(expit(highest), columns=self.concepts_)

    def save(self, folder: Path) -> None:
        """See `Model.save`; beside our own files stand those that `transformers` reads."""
        if self.concepts_ is None:
            raise not_fitted(self)
        folder.mkdir(parents=True, exist_ok=True)
        if self._runtime is not None:
            self._runtime.save(folder)
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
        model.log_ = [json.loads(line) for line in (folder / _LOG).read_text(encoding="utf-8").splitlines()]
        if state["runtime"]:
            model._runtime = _load_runtime(state["runtime"], folder, model.settings, state["padding"])
        return model

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


def _load_runtime(kind: str, folder: Path, settings: EncoderSettings, padding: int) -> Runtime:
    require_extra("onnx" if kind == "onnx" else "encoder")
    tokenizer = Tokenizer.from_folder(folder, settings, padding)
    if kind == "onnx":
        from scixtag.models.encoder.onnx_runtime import OnnxRuntime

        exported: Runtime = OnnxRuntime.load(folder, tokenizer)
        return exported
    from scixtag.models.encoder.torch_runtime import TorchRuntime

    return TorchRuntime.load(folder, tokenizer, settings.device)
