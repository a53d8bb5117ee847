"""Where a label's weights start: from its names, from its papers, or from both."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from transformers import PreTrainedModel

from scixtag.models.encoder.heads import ScixtagForSequenceClassification
from scixtag.models.encoder.network import output_layer
from scixtag.models.encoder.settings import NetworkSettings
from scixtag.models.encoder.windows import Windows
from scixtag.vocabulary.concept import Concept

_TEXT_COUNTS_AS = 2.0
_NAMES = 5
_PAPERS_FOR_BIASES = 500

Embed = Callable[[Windows], Tensor]
"""Windows to the vectors (texts, width) that the output layer reads, each text by its first window."""

Predict = Callable[[Windows], Tensor]
"""Windows to the network's logits (windows, labels)."""


def label_text(concept: Concept) -> str:
    """What a concept says of itself: names and definition."""
    names = ", ".join([concept.name, *concept.alternatives[:_NAMES]])
    return f"{names}. {concept.definition or ''}".strip()


@torch.no_grad()
def initialise(
    network: PreTrainedModel,
    settings: NetworkSettings,
    embed: Embed,
    predict: Predict,
    papers: Windows,
    targets: csr_array,
    label_texts: Windows,
) -> None:
    """Point each label's weights where its text, its papers or both lie, and its bias at its frequency.

    The logit of a label starts at `scale` times the cosine of text and label, moved so that its mean over the training
    papers is the label's log-odds. Label vectors from label text: Wang et al. (2018, LEAM); from papers: prototypes,
    Snell et al. (2017). The queries of the head "attention" are made from text wherever text is used at all.

    Args:
        network: Changed in place.
        settings: `initialisation` and `scale`.
        embed: Texts to vectors.
        predict: Texts to logits, with the weights as they are by then.
        papers: The training papers.
        targets: Their labels (papers, labels).
        label_texts: `label_text` of each label.
    """
    seen = embed(papers)
    lengths = seen.norm(dim=1).mean().clamp(min=1e-6)
    counts = torch.from_numpy(np.asarray(targets.sum(axis=0), dtype=np.float32).ravel())
    by_papers = _unit(torch.from_numpy(targets.T @ _unit(seen).numpy()))
    by_text = by_papers if settings.initialisation == "papers" else _unit(embed(label_texts))
    layer = output_layer(network)
    # Where the network scales vectors itself, their length is the scale already.
    layer.weight.copy_(_label_vectors(settings, by_papers, by_text, counts) * settings.scale / lengths)
    if isinstance(network, ScixtagForSequenceClassification) and network.config.head == "attention":
        network.queries.weight.copy_(by_text)
    layer.bias.zero_()
    rows = np.linspace(0, len(papers) - 1, min(len(papers), _PAPERS_FOR_BIASES)).astype(int)
    means = predict(papers.firsts(rows)).mean(dim=0)
    layer.bias.copy_(torch.logit((counts + 0.5) / (len(papers) + 1)) - means)


def _label_vectors(settings: NetworkSettings, by_papers: Tensor, by_text: Tensor, counts: Tensor) -> Tensor:
    """Vectors of length 1 (labels, width)."""
    if settings.initialisation != "text+papers":
        return by_text  # which are those by papers, where no text is used
    share = (counts / (counts + _TEXT_COUNTS_AS))[:, None]
    return _unit(share * by_papers + (1 - share) * by_text)


def _unit(vectors: Tensor) -> Tensor:
    return nn.functional.normalize(vectors, dim=1)
