"""The heads "mean" and "attention", which are ours; importing this makes them known to transformers."""

from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

_SHARPNESS = 10.0
"""How much more a token counts for a label whose query is nearer to it, with vectors of length 1."""


class ScixtagConfig(PreTrainedConfig):
    """An encoder's own configuration, and the head's.

    Attributes:
        encoder: The configuration of the encoder, with its `model_type`.
        head: "mean" or "attention".
        normalised: The text's vector has length 1.
        scale: What it is multiplied with then.
        head_dropout: On the text's vector, in training.
    """

    model_type = "scixtag_encoder"

    encoder: dict[str, Any] | None = None
    head: str = "mean"
    normalised: bool = False
    scale: float = 1.0
    head_dropout: float = 0.1


class ScixtagForSequenceClassification(PreTrainedModel):
    """One logit a label from the mean of a text's tokens; with "attention", also from the tokens that a label looks at.

    "mean": a linear layer. "attention" adds, for label l with query q_l, the similarity of query and tokens averaged
    with the label's own attention, softmax over tokens of `sharpness` times that similarity. It is the per-label
    attention of Mullenbach et al. (2018, CAML) with one vector as query and as classifier, so that a label that starts
    from its name finds its words before it has seen a paper: the late interaction of Khattab & Zaharia (2020) with a
    soft maximum.
    """

    config_class = ScixtagConfig
    base_model_prefix = "encoder"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def __init__(self, config: ScixtagConfig) -> None:
        super().__init__(config)
        fields = dict(config.encoder or {})
        inner = AutoConfig.for_model(fields.pop("model_type"), **fields)
        self.encoder = AutoModel.from_config(inner, **without_pooler(inner))
        width = self.encoder.config.hidden_size
        self.dropout = nn.Dropout(config.head_dropout)
        self.classifier = nn.Linear(width, config.num_labels)
        if config.head == "attention":
            self.queries = nn.Linear(width, config.num_labels, bias=False)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None
    ) -> SequenceClassifierOutput:
        """Logits (texts, labels) of tokens (texts, length); `token_type_ids` are not used: a text is one segment."""
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        tokens = self.encoder(input_ids=input_ids, attention_mask=mask).last_hidden_state
        logits = self.classifier(self.dropout(self._scaled(_mean(tokens, mask)))).float()
        if self.config.head == "attention":
            logits = logits + self._attended(self.dropout(tokens), mask)
        return SequenceClassifierOutput(logits=logits)

    def text_vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """What the classifier reads before any label has a say: (texts, width)."""
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self._scaled(_mean(tokens, attention_mask))

    def _scaled(self, vectors: Tensor) -> Tensor:
        if not self.config.normalised:
            return vectors
        return self.config.scale * nn.functional.normalize(vectors.float(), dim=-1)

    def _attended(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Of each label the similarity to the tokens that it attends to: (texts, labels)."""
        queries = self.queries.weight
        if self.config.normalised:
            tokens, queries = (nn.functional.normalize(vectors, dim=-1) for vectors in (tokens, queries))
            sharpness, reach = _SHARPNESS, self.config.scale / 2
        else:
            sharpness, reach = tokens.shape[-1] ** -0.5, 1.0
        similarity = (tokens @ queries.to(tokens.dtype).T).float()
        relevance = (sharpness * similarity).masked_fill(mask[..., None] == 0, torch.finfo(torch.float32).min)
        attended: Tensor = (relevance.softmax(dim=1) * similarity).sum(dim=1)
        return reach * attended


AutoConfig.register(ScixtagConfig.model_type, ScixtagConfig)
AutoModelForSequenceClassification.register(ScixtagConfig, ScixtagForSequenceClassification)


def without_pooler(config: PreTrainedConfig) -> dict[str, bool]:
    """BERT-like models carry a layer above the first token that pooled heads do not use."""
    model = AutoModel._model_mapping[type(config)]
    takes = "add_pooling_layer" in signature(model.__init__).parameters
    return {"add_pooling_layer": False} if takes else {}


def _mean(tokens: Tensor, mask: Tensor) -> Tensor:
    weights = mask[..., None].to(tokens.dtype)
    return (tokens * weights).sum(1) / weights.sum(1).clamp(min=1)
