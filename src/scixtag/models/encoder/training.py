"""Fine-tuning through transformers' trainer: what is ours is the batches, the loss, the rates and the checkpoints."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Sampler
from transformers import PreTrainedModel, Trainer, TrainerState, TrainingArguments
from transformers.trainer_callback import EarlyStoppingCallback, PrinterCallback

from scixtag import processes
from scixtag.errors import ConfigError, DivergedError, StoppedError
from scixtag.models.encoder.batching import Collator, Papers
from scixtag.models.encoder.callbacks import CheckpointEvery, StopNow, StopOnSignal, TrainingLog
from scixtag.models.encoder.checkpoints import STATE_FILE, forget_state, last_checkpoint, stopped_early
from scixtag.models.encoder.extras import require_extra
from scixtag.models.encoder.inference import device_named, trains_in_bfloat16
from scixtag.models.encoder.optimiser import build_optimiser
from scixtag.models.encoder.sampling import PaperSampler
from scixtag.models.encoder.settings import EncoderSettings
from scixtag.models.encoder.step import TrainingStep
from scixtag.models.encoder.validation import LOSS
from scixtag.predictions.scores import CANDIDATES


@dataclass(frozen=True)
class Plan:
    """All that one training needs.

    Attributes:
        settings: How to train.
        seed: Of dropout; the sampler and the head were seeded before.
        papers: What is learned from.
        validation: What is measured after every epoch, or None.
        measure: Of validation predictions, the metrics by name; None without validation papers.
        sampler: The order of the papers.
        padding: The padding token.
        folder: Where checkpoints and the log go; None: nothing is kept.
        part: The name of this fit among those of a training, such as "final".
        resume: Go on from the newest checkpoint in `folder`.
    """

    settings: EncoderSettings
    seed: int
    papers: Papers
    validation: Papers | None
    measure: Any
    sampler: PaperSampler
    padding: int
    folder: Path | None
    part: str
    resume: bool


def fine_tune(network: PreTrainedModel, loss: nn.Module, plan: Plan) -> list[dict[str, float]]:
    """Train the network in place.

    Returns:
        The training log: steps with loss, rate and gradient, epochs with validation metrics.

    Raises:
        DivergedError: The loss is no number any more; the last good checkpoint stays.
        StoppedError: A signal asked to stop; a checkpoint was written, if there is a folder.
    """
    with _folder(plan) as folder:
        log = TrainingLog(folder / "log.jsonl" if plan.folder else None)
        stop = StopOnSignal()
        trainer = _Trainer(network, loss, plan, folder, [log, stop])
        checkpoint = last_checkpoint(folder) if plan.resume else None
        if checkpoint and (best := stopped_early(checkpoint, plan.settings.early_stopping)):
            return trainer.take(best, checkpoint)
        try:
            with log, stop:
                trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except StopNow as error:
            raise StoppedError(_stopped(stop.signal, trainer, plan)) from error
        # The main process removes the folder, and another may still be reading the best epoch from it.
        trainer.accelerator.wait_for_everyone()
        return list(trainer.state.log_history)


def _stopped(signal: str, trainer: Trainer, plan: Plan) -> str:
    done = f"stopped by {signal} after {trainer.state.global_step:,} of {trainer.state.max_steps:,} updates"
    return f"{done}; --resume continues there" if plan.folder else f"{done}; nothing was kept"


@contextmanager
def _folder(plan: Plan) -> Iterator[Path]:
    """The plan's folder, or one for the time of the training: the best epoch has to lie somewhere."""
    if plan.folder is not None:
        if not plan.resume and processes.is_main():
            shutil.rmtree(plan.folder, ignore_errors=True)
        plan.folder.mkdir(parents=True, exist_ok=True)
        yield plan.folder
    elif processes.count() == 1:
        with tempfile.TemporaryDirectory(prefix="scixtag.") as temporary:
            yield Path(temporary)
    else:
        # One place for all processes of this launch; no other launch on this machine has its port.
        shared = Path(tempfile.gettempdir()) / f"scixtag.{os.environ.get('MASTER_PORT', '')}"
        yield shared
        if processes.is_main():
            shutil.rmtree(shared, ignore_errors=True)


class _Trainer(Trainer):
    """transformers' trainer with our sampler and our rates; stops when the loss is no number."""

    def __init__(
        self, network: PreTrainedModel, loss: nn.Module, plan: Plan, folder: Path, callbacks: list[Any]
    ) -> None:
        self._plan = plan
        settings = plan.settings
        if settings.gradient_checkpointing:
            network.activation_checkpointing_enable()
        watch = [EarlyStoppingCallback(settings.early_stopping)] if settings.early_stopping else []
        every = [CheckpointEvery(settings.checkpoint_steps)] if plan.folder and settings.checkpoint_steps else []
        super().__init__(
            model=TrainingStep(network, loss),
            args=_checked_arguments(plan, folder),
            data_collator=Collator(plan.papers.targets.shape[1], plan.padding),
            train_dataset=plan.papers,
            eval_dataset=plan.validation,
            compute_metrics=self._measure if plan.validation else None,
            preprocess_logits_for_metrics=_best_labels,
            callbacks=[*callbacks, *watch, *every, *_tensorboard(plan)],
            optimizers=(build_optimiser(network, settings), None),
        )
        self.remove_callback(PrinterCallback)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return self._plan.sampler

    def _run_epoch(self, *arguments: Any, **named: Any) -> None:
        """The trainer tells a resumed epoch's number to the sampler of one process, but not to those of several."""
        self._plan.sampler.set_epoch(named["epoch"])
        super()._run_epoch(*arguments, **named)

    def get_batch_samples(self, *arguments: Any, **named: Any) -> tuple[list[Any], Any]:
        """The parts of a batch, each weighed by its papers: the last one of an epoch may be shorter than the others."""
        parts, count = super().get_batch_samples(*arguments, **named)
        papers = sum(len(part["rows"]) for part in parts)
        for part in parts:
            part["weight"] = torch.tensor(len(part["rows"]) * len(parts) / papers)
        return parts, count

    def take(self, best: Path, checkpoint: Path) -> list[dict[str, Any]]:
        """The weights of a training that had stopped early when it was killed; returns its log."""
        self._load_from_checkpoint(str(best))
        log: list[dict[str, Any]] = TrainerState.load_from_json(str(checkpoint / STATE_FILE)).log_history
        return log

    def _measure(self, outcome: Any) -> dict[str, float]:
        probabilities, labels = outcome.predictions
        found: dict[str, float] = self._plan.measure(outcome.label_ids, probabilities, labels)
        return found

    def training_step(self, *arguments: Any, **named: Any) -> Tensor:
        """One part of a batch; a loss that is no number ends the training before it spoils the weights."""
        loss: Tensor = super().training_step(*arguments, **named)
        if not torch.isfinite(loss):
            raise DivergedError(f"the loss became {loss.item()} after {self.state.global_step:,} updates")
        return loss

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Weights that are no numbers would replace the last good checkpoint."""
        if not all(bool(torch.isfinite(p).all()) for p in self.model.parameters()):
            raise DivergedError(f"weights are no numbers any more after {self.state.global_step:,} updates")
        if self.args.should_save:
            forget_state(Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}")
        super()._save_checkpoint(model, trial)


def _tensorboard(plan: Plan) -> list[Any]:
    if not plan.settings.tensorboard or not processes.is_main():
        return []
    require_extra("tensorboard")
    if Path(plan.settings.tensorboard).is_file():
        raise ConfigError(f"model.tensorboard = '{plan.settings.tensorboard}': a file; name a folder")
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    return [TensorBoardCallback(SummaryWriter(str(Path(plan.settings.tensorboard) / plan.part)))]


def _best_labels(logits: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities and numbers of the best labels, so that not all logits of all papers are kept."""
    best = torch.topk(logits.float().sigmoid(), min(CANDIDATES, logits.shape[1]), dim=1)
    return best.values, best.indices


def _checked_arguments(plan: Plan, folder: Path) -> TrainingArguments:
    try:
        arguments = _arguments(plan, folder)
    except ValueError as error:
        raise ConfigError(f"these settings cannot be trained on this machine: {error}") from error
    # With several graphics cards and one process, the trainer would use them all, each with a whole batch.
    arguments._n_gpu = min(1, arguments.n_gpu)
    return arguments


def _arguments(plan: Plan, folder: Path) -> TrainingArguments:
    settings = plan.settings
    device = device_named(settings.device)
    kept = plan.folder is not None or settings.early_stopping > 0
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=_papers_at_once(settings),
        per_device_eval_batch_size=32,
        gradient_accumulation_steps=settings.accumulation,
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps or -1,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="constant_with_warmup" if settings.schedule == "constant" else settings.schedule,
        warmup_steps=settings.warmup,
        max_grad_norm=settings.clip_norm,
        weight_decay=settings.weight_decay,
        bf16=trains_in_bfloat16(settings),
        use_cpu=device.type == "cpu",
        seed=plan.seed,
        eval_strategy="epoch" if plan.validation else "no",
        save_strategy="epoch" if kept else "no",
        save_total_limit=1,
        restore_callback_states_from_checkpoint=True,
        load_best_model_at_end=settings.early_stopping > 0,
        metric_for_best_model=f"eval_{settings.validation_metric}" if plan.validation else None,
        greater_is_better=settings.validation_metric != LOSS,
        logging_steps=settings.logging_steps,
        logging_nan_inf_filter=False,
        report_to=[],
        label_names=["rows"],
        remove_unused_columns=False,
        ddp_find_unused_parameters=settings.head == "cls",
        dataloader_pin_memory=device.type == "cuda",
        disable_tqdm=True,
        log_level="error",
    )


def _papers_at_once(settings: EncoderSettings) -> int:
    """Papers of a batch that one process computes at once.

    Raises:
        ConfigError: The batch cannot be shared out evenly.
    """
    parts = settings.accumulation * processes.count()
    if settings.batch_size % parts:
        raise ConfigError(
            f"batch_size = {settings.batch_size} cannot be shared by {processes.count()} processes and "
            f"accumulation = {settings.accumulation}; make it a multiple of {parts}"
        )
    return settings.batch_size // parts
