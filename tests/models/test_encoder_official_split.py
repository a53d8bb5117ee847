"""The published split in one command, with the files and columns of the hub's dataset in the hub's own cache layout."""

import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from encoder_cases import write_encoder
from scixtag.corpus.sample import read_sample
from scixtag.workflows.preparation import named_vocabulary

DATASET = "adsabs/SciX_UAT_keywords"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A cache with the dataset and an encoder, as downloads leave them."""
    cache = tmp_path_factory.mktemp("hub")
    data = _snapshot(cache, f"datasets--{DATASET.replace('/', '--')}") / "data"
    data.mkdir()
    for split, name in (("train", "train"), ("test", "val")):
        pq.write_table(_table(split), data / f"{name}-00000-of-00001.parquet")
    write_encoder(_snapshot(cache, "models--someone--tiny-bert"), positions=520)
    return cache


def _snapshot(cache, repository):
    (cache / repository / "refs").mkdir(parents=True)
    (cache / repository / "refs" / "main").write_text("0123abc")
    folder = cache / repository / "snapshots" / "0123abc"
    folder.mkdir(parents=True)
    return folder


def _table(split):
    vocabulary = named_vocabulary("sample")
    records = list(read_sample(split))
    labels = [list(record.labels or ()) for record in records]
    names = [[vocabulary.concepts[vocabulary.resolve(label)].name.lower() for label in each] for each in labels]
    return pa.table(
        {
            "bibcode": [record.id for record in records],
            "title": [record.title for record in records],
            "abstract": [record.abstract for record in records],
            "verified_uat_ids": [[int(label) for label in each] for each in labels],
            "verified_uat_labels": names,
        }
    )


def test_training_and_evaluation_on_the_published_split_is_one_command(hub, tmp_path):
    command = [
        *(sys.executable, "-m", "scixtag", "train", f"hf:{DATASET}:train", "--vocabulary", "sample"),
        *("--recipe", "astrobert-paper", "--encoder", "someone/tiny-bert", "--set", "model.max_steps=3"),
        *("--output", "astro", "--evaluate", f"hf:{DATASET}:val", "--report", "astro-report"),
    ]
    environment = os.environ | {"HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "astro" / "manifest.json").read_text())["training"]["source"] == f"hf:{DATASET}:train"
    assert (tmp_path / "astro-report" / "report.html").is_file()


def test_the_benchmark_of_encoders_runs_on_it(hub, tmp_path):
    """`benchmarks/encoders.py`, which sets several recipes and seeds side by side, and continues where it stopped."""
    from pathlib import Path

    script = Path(__file__).parents[2] / "benchmarks" / "encoders.py"
    command = [
        *(sys.executable, str(script), f"hf:{DATASET}:train", "--test", f"hf:{DATASET}:val", "--vocabulary", "sample"),
        *(
            "--recipes",
            "seed-bert,bert-paper",
            "--set",
            "model.encoder=someone/tiny-bert",
            "--set",
            "model.max_steps=2",
        ),
        *("--seeds", "0,1", "--output", "table.md"),
    ]
    environment = os.environ | {"HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1"}
    for rows in (4, 0):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("seed ") == rows, "rows that are done are not repeated"
    table = (tmp_path / "table.md").read_text()
    assert table.count("±") == 2 * (table.splitlines()[0].count("|") - 3)
