"""Two processes that `accelerate launch` starts learn what one learns."""

import json
import os
import subprocess
import sys

import numpy as np
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
    for name in one:
        np.testing.assert_allclose(one[name], two[name], atol=5e-4, err_msg=name)
    metrics = [json.loads((tmp_path / n / "manifest.json").read_text())["tuning"]["metrics"] for n in ("one", "two")]
    assert metrics[0] == metrics[1]
    assert not list(tmp_path.glob("*.training"))
