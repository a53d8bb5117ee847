"""AdamW with one learning rate for each layer."""

import re
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from scixtag.models.encoder.network import encoder_of
from scixtag.models.encoder.settings import OptimisationSettings

_LAYER = re.compile(r"(?:^|\.)(?:layer|layers|h|block|blocks)\.(\d+)\.")


def build_optimiser(network: PreTrainedModel, settings: OptimisationSettings) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019); biases and norms do not decay.

    With a layer decay, the rate falls by that factor with each layer down from the last (Sun et al. 2019, Howard &
    Ruder 2018); embeddings are the layer below the first. The head has its own rate.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter, rate in _rates(network, settings):
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    described: list[dict[str, Any]] = [
        {"params": parameters, "lr": rate, "weight_decay": decay} for (rate, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(described, lr=settings.learning_rate, weight_decay=settings.weight_decay)


def _rates(network: PreTrainedModel, settings: OptimisationSettings) -> list[tuple[nn.Parameter, float]]:
    """Every trained parameter with its learning rate."""
    encoder = encoder_of(network)
    found = {id(p): _depth(name) for name, p in encoder.named_parameters()}
    last = max((depth for depth in found.values() if depth is not None), default=0)
    depths = {key: last if depth is None else depth for key, depth in found.items()}
    head = settings.head_learning_rate or settings.learning_rate
    return [
        (p, settings.learning_rate * settings.layer_decay ** (last - depths[id(p)]) if id(p) in depths else head)
        for p in network.parameters()
        if p.requires_grad
    ]


def _depth(name: str) -> int | None:
    """0 for embeddings; 1 for the first layer; None for what stands above all layers, such as a last norm."""
    found = _LAYER.search(name)
    if found:
        return int(found[1]) + 1
    return 0 if "embed" in name else None
