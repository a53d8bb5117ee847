"""One training step's computation: network, highest window, loss."""

import torch
from torch import Tensor, nn


class TrainingStep(nn.Module):
    """What the trainer trains.

    Args:
        network: Tokens to logits.
        loss: Logits and targets (papers, labels) to a number.
    """

    def __init__(self, network: nn.Module, loss: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.loss = loss

    def forward(
        self,
        rows: Tensor,
        targets: Tensor,
        sizes: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        weight: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The loss, times a weight, and logits (papers, labels): of each label the highest over a paper's windows."""
        logits = self.network(input_ids=input_ids, attention_mask=attention_mask).logits
        if len(logits) != len(targets):
            logits = torch.stack([part.amax(dim=0) for part in logits.split(sizes.tolist())])
        loss = self.loss(logits, targets)
        return {"loss": loss if weight is None else weight * loss, "logits": logits.float()}
