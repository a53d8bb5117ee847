"""From examples to a trained network: tokens, head, loss, order of the papers, training."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_array
from transformers import PreTrainedModel

from scixtag import progress
from scixtag.corpus.examples import Examples
from scixtag.models.encoder import checkpoints
from scixtag.models.encoder.batching import Papers
from scixtag.models.encoder.inference import device_named, logits, trains_in_bfloat16, vectors
from scixtag.models.encoder.initialisation import initialise, label_text
from scixtag.models.encoder.lora import add_adapters, merge_adapters
from scixtag.models.encoder.losses import build_loss
from scixtag.models.encoder.network import build_network
from scixtag.models.encoder.pretrained import find_source, load_tokenizer
from scixtag.models.encoder.sampling import PaperSampler
from scixtag.models.encoder.settings import EncoderSettings
from scixtag.models.encoder.torch_runtime import TorchRuntime
from scixtag.models.encoder.training import Plan, fine_tune
from scixtag.models.encoder.validation import check_metric, validation_metrics
from scixtag.models.encoder.windows import Tokenizer, Windows, joined
from scixtag.models.imbalance import repeat_factors
from scixtag.vocabulary.concept import Vocabulary
from scixtag.workspace import Workspace

Columns = npt.NDArray[np.int32]


def fine_tune_encoder(
    settings: EncoderSettings,
    seed: int,
    train: Examples,
    validation: Examples | None,
    columns: Columns,
    place: Workspace | None,
) -> tuple[TorchRuntime, list[dict[str, Any]]]:
    """Train a network on labelled papers.

    Args:
        settings: All of them.
        seed: Of the order of the papers and of dropout. The head is drawn from torch's global generator.
        train: What is learned from.
        validation: What is measured on, or None.
        columns: The columns of the vocabulary that become labels.
        place: Where checkpoints go, and whether to go on from the newest of them; None: nowhere.

    Returns:
        The network, ready to score, and the training log.
    """
    check_metric(settings.validation_metric)
    source = find_source(settings.encoder)
    pretrained_tokenizer = load_tokenizer(source, settings.max_length)
    tokenizer = Tokenizer(pretrained_tokenizer.backend_tokenizer, settings, pretrained_tokenizer.pad_token_id)
    papers = _papers(tokenizer, train, columns)
    network = build_network(settings, source, label_names(train.vocabulary, columns))
    network.to(device_named(settings.device))
    if settings.initialisation != "random":
        _initialise(network, settings, tokenizer, papers, train.vocabulary, columns)
    adapted = add_adapters(network, settings) if settings.lora_rank else None
    plan = Plan(
        settings=settings,
        seed=seed,
        papers=papers,
        validation=_papers(tokenizer, validation, columns) if validation else None,
        measure=validation_metrics(validation, train, columns, settings.validation_metric) if validation else None,
        sampler=PaperSampler(
            repeat_factors(papers.targets, settings), papers.windows.lengths, settings.batch_size, settings, seed
        ),
        padding=tokenizer.padding,
        folder=place.folder / checkpoints.FOLDER if place else None,
        part=place.folder.name if place else "fit",
        resume=bool(place and place.resume),
    )
    log = fine_tune(network, build_loss(settings, train.label_counts[columns], len(papers)), plan)
    trained = merge_adapters(adapted) if adapted else network
    return TorchRuntime(trained, pretrained_tokenizer, tokenizer), log


def label_names(vocabulary: Vocabulary, columns: Columns) -> list[str]:
    """The preferred names; where two concepts share one, with their numbers."""
    concepts = [vocabulary.concepts[column] for column in columns]
    names = [concept.name for concept in concepts]
    twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    return [f"{c.name} ({c.id})" if c.name in twice else c.name for c in concepts]


def _papers(tokenizer: Tokenizer, examples: Examples, columns: Columns) -> Papers:
    with progress.stage("cutting texts into tokens", 1) as advance:
        windows = tokenizer.windows(joined(examples.texts))
        advance(1)
    return Papers(windows, csr_array(examples.targets[:, columns]))


def _initialise(
    network: PreTrainedModel,
    settings: EncoderSettings,
    tokenizer: Tokenizer,
    papers: Papers,
    vocabulary: Vocabulary,
    columns: Columns,
) -> None:
    texts = tokenizer.windows([label_text(vocabulary.concepts[column]) for column in columns])

    def embed(windows: Windows) -> torch.Tensor:
        return vectors(network, windows, tokenizer.padding)

    def predict(windows: Windows) -> torch.Tensor:
        return torch.from_numpy(logits(network, windows, tokenizer.padding))

    device = device_named(settings.device).type
    with torch.autocast(device, torch.bfloat16, enabled=trains_in_bfloat16(settings)):
        initialise(network, settings, embed, predict, papers.windows, papers.targets, texts)
