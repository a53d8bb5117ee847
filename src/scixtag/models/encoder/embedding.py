"""A pretrained encoder that stays as it is: concepts are where their papers and their names lie."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self, cast

import numpy as np

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.models.encoder.extras import require_extra
from scixtag.models.encoder.network_model import Floats, NetworkModel
from scixtag.models.encoder.runtime import Runtime
from scixtag.models.encoder.settings import Device, EmbeddingSettings, NetworkSettings

if TYPE_CHECKING:
    from scixtag.models.encoder.sentences import SentenceEncoder
    from scixtag.models.encoder.torch_runtime import TorchRuntime


class Embedding(NetworkModel[EmbeddingSettings]):
    """Nearest centroid (Rocchio 1971) in the space of a sentence encoder (Reimers & Gurevych 2019), not fine-tuned.

    A paper's vector is the mean of its tokens, scaled to length 1, less the mean of the training papers, which all
    papers share and which tells nothing. A concept is the mean of its papers, and the vector of its names and
    definition; so concepts without papers are found too. All this is one linear layer on the encoder.

    Attributes:
        concepts_: int32, the column of the vocabulary that each label of the network is.
    """

    Settings: ClassVar = EmbeddingSettings
    _sentences: "SentenceEncoder | None" = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`; what was read so far is kept when it is interrupted.

        Raises:
            ConfigError: The extra is missing, or the encoder cannot be used with these settings.
            RemoteError: The encoder is not on this machine and the hub did not give it.
        """
        require_extra("encoder")
        from scixtag.models.encoder.prototypes import with_prototypes

        counts = train.label_counts
        named = np.array([not concept.deprecated for concept in train.vocabulary], bool)
        found = (counts > 0) | named if self.settings.label_text > 0 else counts > 0
        self.concepts_ = np.flatnonzero(found).astype(np.int32)
        self._runtime, self._sentences = None, None
        if len(self.concepts_):
            # It knows the texts that it has read, some of which other folds hold out.
            self._sentences = with_prototypes(self.settings, train, self.concepts_)
            self._runtime = self._sentences.runtime
        return self

    @property
    def _network_settings(self) -> NetworkSettings:
        return self.settings.network

    @property
    def _device(self) -> Device:
        return self.settings.device

    def _logits(self, runtime: Runtime, texts: Sequence[Text]) -> Floats:
        if runtime.kind != "torch":
            return super()._logits(runtime, texts)
        if self._sentences is None:
            from scixtag.models.encoder.sentences import SentenceEncoder

            self._sentences = SentenceEncoder(cast("TorchRuntime", runtime), keep=False)
        return self._sentences.logits(texts)

    def _from_logits(self, logits: Floats) -> Floats:
        """Cosines, as good as: those above 0 are scores as they are."""
        return logits
