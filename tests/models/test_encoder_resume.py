"""A training that is interrupted anywhere and continued ends as if nothing had happened."""

import json
import os
import signal

import numpy as np
import pytest

from encoder_cases import quick_settings
from scixtag import workspace
from scixtag.errors import DivergedError, StoppedError
from scixtag.models.encoder import training
from scixtag.models.encoder.checkpoints import forget_state, last_checkpoint
from scixtag.models.encoder.encoder import Encoder

CHANGES = {"epochs": 3, "dropout": 0.2, "accumulation": 2, "oversampling": 0.3, "checkpoint_steps": 4}
"""Dropout, the order of the papers and the copies of some of them all have to continue where they were."""


class PluggedError(Exception):
    pass


def pull_the_plug(monkeypatch, after, method="training_step"):
    """Fail for good in the given call of a method of the trainer."""
    calls = iter(range(1, 10_000))
    whole = getattr(training._Trainer, method)

    def failing(self, *arguments, **named):
        if next(calls) == after:
            raise PluggedError
        return whole(self, *arguments, **named)

    monkeypatch.setattr(training._Trainer, method, failing)


def fit(settings, corpus, folder, resume=False, validation=None):
    with workspace.working_in(folder, resume=resume):
        return Encoder(settings, seed=3).fit(corpus, validation)


def logits(encoder, corpus):
    return encoder._runtime.logits(encoder._runtime.tokenizer.windows([text.joined for text in corpus.texts]))


@pytest.fixture(scope="module")
def settings(tiny_encoder):
    return quick_settings(tiny_encoder, **CHANGES)


@pytest.fixture(scope="module")
def uninterrupted(settings, corpus):
    return logits(Encoder(settings, seed=3).fit(corpus), corpus)


def test_a_workspace_changes_nothing(settings, corpus, uninterrupted, tmp_path):
    encoder = fit(settings, corpus, tmp_path)
    np.testing.assert_array_equal(logits(encoder, corpus), uninterrupted)
    assert not list(tmp_path.rglob("checkpoint-*")), "the result stands in their place"


@pytest.mark.parametrize("call", [1, 2, 9, 10, 17, 21, 38])
def test_killed_between_two_updates(settings, corpus, uninterrupted, call, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        pull_the_plug(patch, call)
        fit(settings, corpus, tmp_path)
    resumed = fit(settings, corpus, tmp_path, resume=True)
    np.testing.assert_array_equal(logits(resumed, corpus), uninterrupted)


@pytest.mark.parametrize("method", ["_save_optimizer_and_scheduler", "_save_rng_state", "_save_checkpoint"])
def test_killed_while_a_checkpoint_is_written(settings, corpus, uninterrupted, method, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        pull_the_plug(patch, 3, method)
        fit(settings, corpus, tmp_path)
    resumed = fit(settings, corpus, tmp_path, resume=True)
    np.testing.assert_array_equal(logits(resumed, corpus), uninterrupted)


def test_low_rank_updates_continue_too(tiny_encoder, corpus, tmp_path, monkeypatch):
    settings = quick_settings(tiny_encoder, **CHANGES, lora_rank=4)
    whole = Encoder(settings, seed=3).fit(corpus)
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        pull_the_plug(patch, 17)
        fit(settings, corpus, tmp_path)
    np.testing.assert_array_equal(logits(fit(settings, corpus, tmp_path, resume=True), corpus), logits(whole, corpus))


def test_killed_twice(settings, corpus, uninterrupted, tmp_path, monkeypatch):
    for resume in (False, True):
        with monkeypatch.context() as patch, pytest.raises(PluggedError):
            pull_the_plug(patch, 11)
            fit(settings, corpus, tmp_path, resume=resume)
    np.testing.assert_array_equal(logits(fit(settings, corpus, tmp_path, resume=True), corpus), uninterrupted)


def test_killed_before_the_result_is_kept(settings, corpus, uninterrupted, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        patch.setattr(Encoder, "_finish", lambda *_: (_ for _ in ()).throw(PluggedError))
        fit(settings, corpus, tmp_path)
    np.testing.assert_array_equal(logits(fit(settings, corpus, tmp_path, resume=True), corpus), uninterrupted)


def test_a_finished_training_is_not_repeated(settings, corpus, uninterrupted, tmp_path, monkeypatch):
    log = fit(settings, corpus, tmp_path).log_
    monkeypatch.setattr(training, "fine_tune", lambda *_: pytest.fail("trained again"))
    again = fit(settings, corpus, tmp_path, resume=True)
    np.testing.assert_array_equal(logits(again, corpus), uninterrupted)
    assert again.log_ == log


def test_without_resume_everything_begins_anew(settings, corpus, uninterrupted, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        pull_the_plug(patch, 11)
        fit(settings, corpus, tmp_path)
    steps = []
    monkeypatch.setattr(training.TrainingLog, "on_train_begin", _noting(steps, training.TrainingLog.on_train_begin))
    np.testing.assert_array_equal(logits(fit(settings, corpus, tmp_path), corpus), uninterrupted)
    assert steps == [0]


def _noting(steps, whole):
    def on_train_begin(self, args, state, control, **named):
        steps.append(state.global_step)
        return whole(self, args, state, control, **named)

    return on_train_begin


@pytest.mark.parametrize("call", [7, 21, 33])
def test_early_stopping_is_continued_too(tiny_encoder, corpus, call, tmp_path, monkeypatch):
    changes = {"early_stopping": 1, "validation_metric": "loss", "learning_rate": 0.05, "epochs": 6}
    settings = quick_settings(tiny_encoder, **(CHANGES | changes))
    whole = Encoder(settings, seed=3).fit(corpus)
    losses = [entry["eval_loss"] for entry in whole.log_ if "eval_loss" in entry]
    assert len(losses) < 6, "it should have stopped early"
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        pull_the_plug(patch, call)
        fit(settings, corpus, tmp_path)
    resumed = fit(settings, corpus, tmp_path, resume=True)
    np.testing.assert_array_equal(logits(resumed, corpus), logits(whole, corpus))


def test_a_training_that_stopped_early_does_not_go_on(tiny_encoder, corpus, tmp_path, monkeypatch):
    changes = {"early_stopping": 1, "validation_metric": "loss", "learning_rate": 0.05, "epochs": 6}
    settings = quick_settings(tiny_encoder, **(CHANGES | changes))
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        patch.setattr(Encoder, "_finish", lambda *_: (_ for _ in ()).throw(PluggedError))
        fit(settings, corpus, tmp_path)
    resumed = fit(settings, corpus, tmp_path, resume=True)
    whole = Encoder(settings, seed=3).fit(corpus)
    np.testing.assert_array_equal(logits(resumed, corpus), logits(whole, corpus))


WATCHED = CHANGES | {
    "early_stopping": 2,
    "learning_rate": 0.05,
    "epochs": 5,
    "oversampling": 0.0,
    "checkpoint_steps": 3,
}
"""Six updates an epoch; a checkpoint in its middle; a rate at which the best epoch is not the last."""


@pytest.fixture(scope="module")
def halves(corpus):
    return corpus.take(range(60)), corpus.take(range(0, 60, 4))


@pytest.fixture(scope="module", params=[0, 2], ids=["measured", "early stopping"])
def watched(request, tiny_encoder, halves):
    """Settings with validation papers, and what they give when nobody interrupts."""
    settings = quick_settings(tiny_encoder, **(WATCHED | {"early_stopping": request.param}))
    whole = Encoder(settings, seed=3).fit(*halves)
    return settings, logits(whole, halves[0]), _measured(whole)


def _measured(encoder):
    return [(entry["step"], entry["eval_loss"]) for entry in encoder.log_ if "eval_loss" in entry]


def assert_same(resumed, watched, halves):
    assert _measured(resumed) == watched[2]
    np.testing.assert_array_equal(logits(resumed, halves[0]), watched[1])


def signal_at(patch, call, number=signal.SIGTERM):
    calls = iter(range(1, 10_000))
    whole = training._Trainer.training_step

    def signalled(self, *arguments, **named):
        if next(calls) == call:
            os.kill(os.getpid(), number)
        return whole(self, *arguments, **named)

    patch.setattr(training._Trainer, "training_step", signalled)


@pytest.mark.parametrize("call", [3, 11, 12, 13, 31])
def test_a_signal_beside_validation_papers_costs_nothing(watched, halves, call, tmp_path, monkeypatch):
    settings = watched[0]
    with monkeypatch.context() as patch, pytest.raises(StoppedError, match=f"after {(call + 1) // 2} of"):
        signal_at(patch, call)
        fit(settings, halves[0], tmp_path, validation=halves[1])
    assert last_checkpoint(tmp_path / "checkpoints").name == f"checkpoint-{(call + 1) // 2}"
    assert_same(fit(settings, halves[0], tmp_path, True, halves[1]), watched, halves)


@pytest.mark.parametrize("evaluation", [1, 2, 3])
def test_killed_while_an_epoch_is_measured(watched, halves, evaluation, tmp_path, monkeypatch):
    settings = watched[0]
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        pull_the_plug(patch, evaluation, "_measure")
        fit(settings, halves[0], tmp_path, validation=halves[1])
    assert_same(fit(settings, halves[0], tmp_path, True, halves[1]), watched, halves)


@pytest.mark.parametrize("call", [7, 19, 30])
def test_patience_is_continued(watched, halves, call, tmp_path, monkeypatch):
    settings = watched[0]
    with monkeypatch.context() as patch, pytest.raises(PluggedError):
        pull_the_plug(patch, call)
        fit(settings, halves[0], tmp_path, validation=halves[1])
    assert_same(fit(settings, halves[0], tmp_path, True, halves[1]), watched, halves)


def test_a_checkpoint_that_is_written_again_is_not_complete_until_that_is_done(tmp_path):
    for name in ("checkpoint-4", "checkpoint-8"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "trainer_state.json").write_text("{}")
    forget_state(tmp_path / "checkpoint-8")
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-4"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_writes_a_checkpoint_and_stops(settings, corpus, uninterrupted, number, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(StoppedError, match=r"after 7 of 2\d updates.*--resume"):
        signal_at(patch, 13, number)
        fit(settings, corpus, tmp_path)
    assert last_checkpoint(tmp_path / "checkpoints").name == "checkpoint-7"
    assert signal.getsignal(number) not in (None, signal.SIG_IGN)
    np.testing.assert_array_equal(logits(fit(settings, corpus, tmp_path, resume=True), corpus), uninterrupted)


def test_a_loss_that_is_no_number_stops_and_leaves_the_last_good_checkpoint(tiny_encoder, corpus, tmp_path):
    settings = quick_settings(tiny_encoder, learning_rate=1e18, checkpoint_steps=1, epochs=3, clip_norm=0.0)
    with pytest.raises(DivergedError, match=r"lower model\.learning_rate.*clip_norm") as caught:
        fit(settings, corpus, tmp_path)
    assert str(tmp_path / "checkpoints" / "checkpoint-") in str(caught.value)
    checkpoint = last_checkpoint(tmp_path / "checkpoints")
    from safetensors.numpy import load_file

    assert all(np.isfinite(array).all() for array in load_file(checkpoint / "model.safetensors").values())


def test_without_a_checkpoint_none_is_promised(tiny_encoder, corpus, tmp_path):
    settings = quick_settings(tiny_encoder, learning_rate=1e18, checkpoint_steps=0, clip_norm=0.0)
    with pytest.raises(DivergedError) as caught:
        fit(settings, corpus, tmp_path)
    assert "checkpoint" not in str(caught.value)


def test_the_log_tells_loss_and_rate(settings, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(Encoder, "_finish", lambda *_: None)
    encoder = fit(settings, corpus, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "checkpoints" / "log.jsonl").read_text().splitlines()]
    steps = [line["step"] for line in lines if "loss" in line]
    assert steps == sorted(set(steps))
    assert {"loss", "learning_rate"} <= lines[0].keys()
    assert [entry["loss"] for entry in encoder.log_ if "loss" in entry] == [e["loss"] for e in lines if "loss" in e]
