"""The vectors that a pretrained encoder makes of texts; each text is read once, and its vector is kept."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from scixtag.corpus.text import Text
from scixtag.models.encoder.inference import vectors
from scixtag.models.encoder.network import encoder_of, output_layer
from scixtag.models.encoder.runtime import reading
from scixtag.models.encoder.torch_runtime import TorchRuntime
from scixtag.models.encoder.vector_cache import VectorCache
from scixtag.models.encoder.windows import joined

Floats = npt.NDArray[np.float32]

_TEXTS_AT_ONCE = 128


class SentenceEncoder:
    """Texts to vectors of length 1; of each text the first window is read.

    Args:
        runtime: A network with a linear layer on the normalised mean of the tokens.
        keep: Vectors go into the user's cache, so that an interrupted reading goes on where it stopped.
    """

    def __init__(self, runtime: TorchRuntime, *, keep: bool) -> None:
        self.runtime = runtime
        self._network, self._tokenizer = runtime.network, runtime.tokenizer
        network = runtime.network
        self._width = output_layer(network).in_features
        self._cache = VectorCache.of_user(self._digest(), self._width) if keep else VectorCache.off(self._width)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts (texts, width)."""
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        found = self._cache.vectors(keys)
        places = {key: place for place, key in enumerate(keys) if key not in found}
        absent = list(places.values())
        for part in self._parts(len(absent)):
            windows = self._tokenizer.windows([texts[place] for place in absent[part]])
            made = vectors(self._network, windows, self._tokenizer.padding).numpy()
            new = {keys[place]: vector for place, vector in zip(absent[part], made, strict=True)}
            self._cache.keep(new)
            found |= new
        return np.array([found[key] for key in keys], np.float32).reshape(len(keys), self._width)

    def _parts(self, texts: int) -> Iterator[slice]:
        with reading(texts) as advance:
            for start in range(0, texts, _TEXTS_AT_ONCE):
                part = slice(start, min(start + _TEXTS_AT_ONCE, texts))
                yield part
                advance(part.stop - part.start)

    def logits(self, papers: Sequence[Text]) -> Floats:
        """What the network says of papers (papers, labels)."""
        layer = output_layer(self._network)
        weights, biases = (part.detach().cpu().numpy() for part in (layer.weight, layer.bias))
        logits: Floats = self.vectors(joined(papers)) @ weights.T + biases
        return logits

    def _digest(self) -> str:
        """Changes with the encoder's weights, its tokenizer, and how texts are cut."""
        digest = hashlib.sha256(self._tokenizer.description.encode())
        for name, weights in sorted(encoder_of(self._network).state_dict().items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(weights.cpu().numpy()).data)
        return digest.hexdigest()[:32]
