"""Concepts as the rows of a linear layer on an encoder that stays as it is."""

import numpy as np
import numpy.typing as npt
import torch

from scixtag.corpus.examples import Examples
from scixtag.models.encoder.fine_tuning import label_names
from scixtag.models.encoder.inference import device_named
from scixtag.models.encoder.initialisation import label_text
from scixtag.models.encoder.network import build_network, output_layer
from scixtag.models.encoder.pretrained import find_source, load_tokenizer
from scixtag.models.encoder.randomness import own_randomness
from scixtag.models.encoder.sentences import SentenceEncoder
from scixtag.models.encoder.settings import EmbeddingSettings
from scixtag.models.encoder.torch_runtime import TorchRuntime
from scixtag.models.encoder.windows import Tokenizer, joined

Floats = npt.NDArray[np.float32]


def with_prototypes(settings: EmbeddingSettings, train: Examples, columns: npt.NDArray[np.int32]) -> SentenceEncoder:
    """The encoder with a layer on top whose rows are the concepts' prototypes.

    Args:
        settings: Which encoder, and how prototypes are made.
        train: Papers with labels.
        columns: The columns of the vocabulary that become labels; each has papers, or a name that may be used.

    Returns:
        What reads texts with the encoder, and scores them with the layer.
    """
    network_settings = settings.network
    source = find_source(settings.encoder)
    pretrained_tokenizer = load_tokenizer(source, settings.max_length)
    tokenizer = Tokenizer(pretrained_tokenizer.backend_tokenizer, network_settings, pretrained_tokenizer.pad_token_id)
    with own_randomness(0):  # the layer is drawn, and then written over
        network = build_network(network_settings, source, label_names(train.vocabulary, columns))
    network.to(device_named(settings.device))
    runtime = TorchRuntime(network, pretrained_tokenizer, tokenizer)
    sentences = SentenceEncoder(runtime, keep=settings.cache)
    papers = sentences.vectors(joined(train.texts))
    centre = papers.mean(axis=0) if len(papers) else np.zeros(papers.shape[1], np.float32)
    rows = _unit(train.targets[:, columns].T @ _unit(papers - centre))
    counts = train.label_counts
    if settings.label_text > 0:
        names = sentences.vectors([label_text(train.vocabulary.concepts[column]) for column in columns])
        rows += np.float32(settings.label_text) * _unit(names - names.mean(axis=0))
        rows /= np.float32(1 + settings.label_text)
    rows *= (((1 + counts[columns]) / (1 + counts.max(initial=0))) ** settings.count_power)[:, None].astype(np.float32)
    layer = output_layer(network)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(rows))
        layer.bias.copy_(torch.from_numpy(-rows @ centre))
    return sentences


def _unit(vectors: Floats) -> Floats:
    """Rows of length 1; those of length 0 stay as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit
