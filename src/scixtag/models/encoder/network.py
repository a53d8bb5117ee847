"""Text to one logit for each label: a pretrained encoder and a head, in Hugging Face's layout."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, PreTrainedModel

from scixtag.models.encoder.heads import ScixtagConfig, ScixtagForSequenceClassification, without_pooler
from scixtag.models.encoder.pretrained import Source, explaining, quietly
from scixtag.models.encoder.settings import NetworkSettings


def build_network(settings: NetworkSettings, source: Source, labels: Sequence[str]) -> PreTrainedModel:
    """The pretrained encoder with a new head; weights of the head are drawn from torch's global generator.

    Args:
        settings: Head and dropout.
        source: Where the encoder lies.
        labels: The names of the labels, without repetition.
    """
    about = {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {name: number for number, name in enumerate(labels)},
        "problem_type": "multi_label_classification",
    }
    build = _plain_network if settings.head == "cls" else partial(_pooling_network, settings)
    with explaining(source), quietly():
        network = build(source, about)
    if settings.dropout >= 0:
        for module in network.modules():
            if isinstance(module, nn.Dropout):
                module.p = settings.dropout
    return network


def _plain_network(source: Source, about: dict[str, Any]) -> PreTrainedModel:
    """The architecture's own; a head that the encoder brings along is of other labels and starts anew."""
    network, found = AutoModelForSequenceClassification.from_pretrained(
        source.name,
        dtype=torch.float32,
        ignore_mismatched_sizes=True,
        output_loading_info=True,
        **source.options,
        **about,
    )
    layer = output_layer(network)
    name = next(name for name, module in network.named_modules() if module is layer)
    if f"{name}.weight" not in found["missing_keys"]:
        nn.init.normal_(layer.weight, std=0.02)
        nn.init.zeros_(layer.bias)
    return network


def _pooling_network(settings: NetworkSettings, source: Source, about: dict[str, Any]) -> PreTrainedModel:
    inner = AutoConfig.from_pretrained(source.name, **source.options)
    config = ScixtagConfig(
        encoder=inner.to_dict(),
        head=settings.head,
        normalised=settings.normalised,
        scale=settings.scale,
        pad_token_id=inner.pad_token_id,
        **about,
    )
    network = ScixtagForSequenceClassification(config)
    network.encoder = AutoModel.from_pretrained(
        source.name, dtype=torch.float32, **source.options, **without_pooler(inner)
    )
    return network


def encoder_of(network: PreTrainedModel) -> nn.Module:
    """The pretrained part."""
    encoder: nn.Module = network.base_model
    return encoder


def output_layer(network: PreTrainedModel) -> nn.Linear:
    """The layer whose rows are the labels."""
    if isinstance(network, ScixtagForSequenceClassification):
        return network.classifier
    inside = set(map(id, encoder_of(network).modules()))
    return [m for m in network.modules() if isinstance(m, nn.Linear) and id(m) not in inside][-1]


def text_vectors(network: PreTrainedModel, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """What the output layer reads of each text (texts, width), in float32."""
    if isinstance(network, ScixtagForSequenceClassification):
        return network.text_vectors(input_ids, attention_mask).float()
    seen: list[Tensor] = []
    hook = output_layer(network).register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        network(input_ids=input_ids, attention_mask=attention_mask)
    finally:
        hook.remove()
    return seen[0].float()


def label_parameters(network: PreTrainedModel) -> Iterator[nn.Parameter]:
    """The head's parameters: everything outside the encoder."""
    inside = {id(parameter) for parameter in encoder_of(network).parameters()}
    for parameter in network.parameters():
        if id(parameter) not in inside:
            yield parameter
