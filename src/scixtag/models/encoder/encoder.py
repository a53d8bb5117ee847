"""A fine-tuned transformer as a model; needs torch and its kin only when it is trained or asked."""

import shutil
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from scipy.special import expit

from scixtag import processes, workspace
from scixtag.corpus.examples import Examples
from scixtag.corpus.splits import stratified_split
from scixtag.errors import ConfigError
from scixtag.models.encoder import checkpoints
from scixtag.models.encoder.extras import require_extra
from scixtag.models.encoder.network_model import Floats, NetworkModel
from scixtag.models.encoder.randomness import own_randomness
from scixtag.models.encoder.settings import Device, EncoderSettings, NetworkSettings

_FINISHED = "finished"


class Encoder(NetworkModel[EncoderSettings]):
    """A pretrained transformer, fine-tuned to one sigmoid for each concept that training papers carry.

    Training runs on transformers' own trainer: with `accelerate launch` on several devices, with checkpoints where
    `scixtag train` gives it a place, and on with `--resume`.

    Attributes:
        concepts_: int32, the column of the vocabulary that each label of the network is.
        log_: The training log.
    """

    Settings: ClassVar = EncoderSettings

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

    @property
    def _network_settings(self) -> NetworkSettings:
        return self.settings

    @property
    def _device(self) -> Device:
        return self.settings.device

    def _from_logits(self, logits: Floats) -> Floats:
        probabilities: Floats = expit(logits)
        return probabilities
