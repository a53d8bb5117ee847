"""Low-rank updates instead of the encoder's own weights (Hu et al. 2022), through peft."""

import warnings
from typing import Any

from torch import nn
from transformers import PreTrainedModel

from scixtag.errors import ConfigError
from scixtag.models.encoder.network import encoder_of, label_parameters
from scixtag.models.encoder.settings import NetworkSettings


def add_adapters(network: PreTrainedModel, settings: NetworkSettings) -> Any:
    """Freeze the encoder and give each of its linear layers an update of low rank; the head is trained whole.

    Returns:
        The peft model; `network` is changed in place and computes with the updates.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise ConfigError("lora_rank needs the package peft: pip install 'scixtag[encoder]'") from error

    encoder = encoder_of(network)
    prefix = next(name for name, module in network.named_modules() if module is encoder)
    linear = [f"{prefix}.{name}" for name, module in encoder.named_modules() if isinstance(module, nn.Linear)]
    head = list(label_parameters(network))
    config = LoraConfig(r=settings.lora_rank, lora_alpha=settings.lora_alpha, target_modules=linear)
    with warnings.catch_warnings():
        # peft asks transformers by a name that the latter is about to drop.
        warnings.filterwarnings("ignore", message=".*gradient_checkpointing.*", category=FutureWarning)
        adapted = get_peft_model(network, config)
    for parameter in head:
        parameter.requires_grad = True
    return adapted


def merge_adapters(adapted: Any) -> PreTrainedModel:
    """The network with its updates added to its weights: as large and as fast as before."""
    network: PreTrainedModel = adapted.merge_and_unload()
    return network
