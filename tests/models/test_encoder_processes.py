"""Two processes that `accelerate launch` starts learn what one learns."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from encoder_cases import write_encoder

LAUNCH = [
    *("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1"),
    *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0", "-m"),
]


def train(launcher, output, encoder):
    settings = {
        "encoder": str(encoder),
        "device": "cpu",
        "head": "mean",
        "epochs": 2,
        "batch_size": 10,
        "dropout": 0.0,
        "learning_rate": 1e-3,
        "length_buckets": "true",
        "clip_norm": 1.0,
    }
    arguments = [item for key, value in settings.items() for item in ("--set", f"model.{key}={value}")]
    tuning = ["--set", "tuning.scheme=holdout", "--set", "tuning.refit=false", "--set", "model.early_stopping=2"]
    command = [sys.executable, *launcher, "scixtag", "train", "sample:train", "--model", "encoder"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [*command, *arguments, *tuning, "--output", str(output)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )


def test_two_processes_give_the_result_of_one(tmp_path):
    encoder = write_encoder(tmp_path / "tiny")
    train(["-m"], tmp_path / "one", encoder)
    shown = train(LAUNCH, tmp_path / "two", encoder)
    assert shown.stdout.count("model folder:") == 1, "only one process speaks"
    one, two = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys()
    # The last, shorter batch of an epoch is filled up for two processes; each weight moves by about 0.05.
    for name in one:
        np.testing.assert_allclose(one[name], two[name], atol=2e-3, err_msg=name)
    metrics = [json.loads((tmp_path / n / "manifest.json").read_text())["tuning"]["metrics"] for n in ("one", "two")]
    for metrics_of_one in metrics:
        metrics_of_one.pop("mean_set_size")  # moves with the threshold, which hangs on single papers here
    assert metrics[0] == pytest.approx(metrics[1], abs=0.01)
    assert not list(tmp_path.glob("*.training"))


SCRIPT = """
import sys
from pathlib import Path

import numpy as np

from scixtag import processes, workspace
from scixtag.models.encoder import training
from scixtag.models.encoder.encoder import Encoder
from scixtag.models.encoder.settings import EncoderSettings
from scixtag.workflows.preparation import Corpus, named_vocabulary, training_examples

encoder, folder = sys.argv[1:]
papers = training_examples(Corpus("sample:train"), named_vocabulary("sample"))[0].take(range(48))
settings = EncoderSettings(
    encoder=encoder,
    head="mean",
    epochs=3,
    batch_size=8,
    dropout=0.2,
    learning_rate=1e-3,
    device="cpu",
    checkpoint_steps=4,
)
plain = training._Trainer.training_step


def failing(self, *arguments, **named):
    if self.state.global_step == 10:
        raise RuntimeError("plugged")
    return plain(self, *arguments, **named)


def fit(name, resume=False):
    with workspace.working_in(Path(folder) / name, resume=resume):
        fitted = Encoder(settings).fit(papers)
    tokenizer = fitted._runtime.tokenizer
    return fitted._runtime.logits(tokenizer.windows([text.joined for text in papers.texts]))


whole = fit("whole")
training._Trainer.training_step = failing
try:
    fit("cut")
except RuntimeError as error:
    assert str(error) == "plugged"
training._Trainer.training_step = plain
np.testing.assert_array_equal(fit("cut", resume=True), whole)
assert processes.count() == 2
"""


def test_two_processes_continue_where_they_were(tmp_path):
    """Killed in the middle of an epoch: the papers that come next are those of that epoch, for both processes."""
    encoder = write_encoder(tmp_path / "tiny")
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, *LAUNCH[:-1], str(tmp_path / "script.py"), str(encoder), str(tmp_path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
