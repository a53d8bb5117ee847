"""A training that is killed by the system, as its user meets it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from encoder_cases import write_encoder


def command(output, encoder, *more):
    changes = {
        "encoder": encoder,
        "head": "mean",
        "max_length": 64,
        "epochs": 6,
        "dropout": 0.2,
        "checkpoint_steps": 5,
        "logging_steps": 1,
        "learning_rate": 1e-3,
        "device": "cpu",
    }
    settings = [item for key, value in changes.items() for item in ("--set", f"model.{key}={value}")]
    fixed = ["--recipe", "seed-bert", *settings, "--output", str(output)]
    return [sys.executable, "-m", "scixtag", "train", "sample:train", *fixed, *more]


def wait_for_update(log, number, process):
    """Until the training has done so many updates."""
    for _ in range(1_200):
        if log.is_file() and log.read_text().count("\n") >= number:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    pytest.fail("the training did not get there in a minute")


def test_killed_twice_and_resumed_through_the_command_line(tmp_path):
    encoder = write_encoder(tmp_path / "tiny")
    subprocess.run(command(tmp_path / "whole", encoder, "--quiet"), check=True)
    output, log = tmp_path / "cut", tmp_path / "cut.training" / "final" / "checkpoints" / "log.jsonl"
    for number, kill, more in ((7, signal.SIGKILL, []), (40, signal.SIGTERM, ["--resume"])):
        process = subprocess.Popen(command(output, encoder, *more), stderr=subprocess.PIPE, text=True)
        wait_for_update(log, number, process)
        os.kill(process.pid, kill)
        told = process.communicate(timeout=60)[1]
        assert process.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 130}[kill]
        assert not output.exists()
    assert "--resume" in told
    refused = subprocess.run(command(output, encoder), capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    subprocess.run(command(output, encoder, "--resume", "--quiet"), check=True)
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (tmp_path / "whole", output)]
    assert weights[0] == weights[1]
    assert not (tmp_path / "cut.training").exists()
