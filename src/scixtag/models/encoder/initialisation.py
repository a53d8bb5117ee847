"""Where a label's weights start: from its names, from its papers, or from both."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from transformers import PreTrainedModel

from scixtag.models.encoder.network import ScixtagForSequenceClassification, output_layer
from scixtag.models.encoder.settings import NetworkSettings
from scixtag.models.encoder.windows import Windows
from scixtag.vocabulary.concept import Concept

_TEXT_COUNTS_AS = 2.0
_NAMES = 5

Embed = Callable[[Windows], Tensor]
"""Windows to the vectors (texts, width) that the output layer reads, each text by its first window."""


def label_text(concept: Concept) -> str:
    """What a concept says of itself: names and definition."""
    names = ", ".join([concept.name, *concept.alternatives[:_NAMES]])
    return f"{names}. {concept.definition or ''}".strip()


@torch.no_grad()
def initialise(
    network: PreTrainedModel,
    settings: NetworkSettings,
    embed: Embed,
    papers: Windows,
    targets: csr_array,
    label_texts: Windows,
) -> None:
    """Point each label's weights where its text, its papers or both lie, and its bias at its frequency.

    The logit of a label starts at `scale` times the cosine of text and label, moved so that its mean over the training
    papers is the label's log-odds. Label vectors from label text: Wang et al. (2018, LEAM); from papers: prototypes,
    Snell et al. (2017).

    Args:
        network: Changed in place.
        settings: `initialisation` and `scale`.
        embed: Texts to vectors.
        papers: The training papers.
        targets: Their labels (papers, labels).
        label_texts: `label_text` of each label.
    """
    seen = embed(papers)
    lengths = seen.norm(dim=1).mean().clamp(min=1e-6)
    unit = nn.functional.normalize(seen, dim=1)
    vectors = _label_vectors(settings, embed, unit, targets, label_texts)
    layer = output_layer(network)
    # Where the network scales vectors itself, their length is the scale already.
    layer.weight.copy_(vectors * settings.scale / lengths)
    counts = torch.from_numpy(np.asarray(targets.sum(axis=0), dtype=np.float32).ravel())
    prior = torch.logit((counts + 0.5) / (len(papers) + 1))
    layer.bias.copy_(prior - settings.scale * (unit @ vectors.T).mean(dim=0))
    if isinstance(network, ScixtagForSequenceClassification) and network.config.head == "attention":
        network.queries.weight.copy_(vectors)


def _label_vectors(
    settings: NetworkSettings, embed: Embed, papers: Tensor, targets: csr_array, label_texts: Windows
) -> Tensor:
    """Vectors of length 1 (labels, width)."""
    count = torch.from_numpy(np.asarray(targets.sum(axis=0), dtype=np.float32).ravel())[:, None]
    by_papers = nn.functional.normalize(torch.from_numpy(targets.T @ papers.numpy()), dim=1)
    if settings.initialisation == "papers":
        return by_papers
    by_text = nn.functional.normalize(embed(label_texts), dim=1)
    if settings.initialisation == "text":
        return by_text
    share = count / (count + _TEXT_COUNTS_AS)
    return nn.functional.normalize(share * by_papers + (1 - share) * by_text, dim=1)
