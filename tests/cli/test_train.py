"""What happens around a training: interruption and resuming, several processes, evaluation right after."""

import json
import platform
from importlib.metadata import version

import pytest

from scixtag.errors import StoppedError


def test_the_manifest_names_every_package_that_the_default_model_was_made_with(model):
    versions = json.loads((model / "manifest.json").read_text())["versions"]
    assert versions.pop("python") == platform.python_version()
    assert set(versions) == {"numpy", "scipy", "scikit-learn", "lightgbm", "PyStemmer"}
    assert versions == {name: version(name) for name in versions}


@pytest.fixture
def train(scixtag, tmp_path):
    """Train the slow model into m; gives exit code, standard output and standard error."""
    return lambda *more: scixtag("train", "sample:train", "--model", "slow", "--output", tmp_path / "m", *more)


@pytest.mark.parametrize(
    ("interruption", "message"), [(StoppedError, "stopped at step 7"), (KeyboardInterrupt, "interrupted")]
)
def test_an_interrupted_training_is_resumed(train, slow, tmp_path, monkeypatch, interruption, message):
    with monkeypatch.context() as patch:
        patch.setattr(slow, "interruption", interruption)
        code, out, err = train()
    assert (code, out) == (130, "")
    assert f"error: {message}" in err
    assert err.strip().endswith("m.training keeps what was trained so far: the same command with --resume continues it")
    code, _, err = train()
    assert code == 2
    assert "pass --resume" in err
    assert [p.name for p in tmp_path.iterdir()] == ["m.training"]
    assert train("--resume")[0] == 0
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_checkpoints_stay_if_the_result_cannot_be_saved(train, slow, tmp_path, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("scixtag.workflows.tagger.Tagger.save", full)
        code, _, err = train()
    assert code == 1
    assert "--resume continues it" in err
    assert (tmp_path / "m.training" / "final" / "checkpoint").is_file()


def test_overwriting_and_resuming_together_resume(train, slow, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(slow, "interruption", StoppedError)
        train()
    code, _, err = train("--resume", "--overwrite", "--set", "model.learning_rate=1.0")
    assert code == 2
    assert "model.learning_rate was 1e-05 and is now 1.0" in err


@pytest.mark.parametrize("rank", ["0", "1"])
def test_only_the_main_process_speaks_and_writes(train, slow, tmp_path, monkeypatch, rank):
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", "2")
    (tmp_path / "report").mkdir()
    if rank == "1":
        (tmp_path / "report" / "diary.txt").write_text("mine")  # which the main process would refuse
    code, out, err = train("--evaluate", "sample:test", "--report", tmp_path / "report")
    assert code == 0
    assert (out == err == "") == (rank == "1")
    assert (tmp_path / "m").exists() == (rank == "0")
    assert (tmp_path / "report" / "report.json").exists() == (rank == "0")


def test_other_processes_do_not_refuse_the_output(train, slow, tmp_path, monkeypatch):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "diary.txt").write_text("mine")
    assert train()[0] == 2
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert train()[0] == 0


def test_training_and_evaluation_are_one_command(scixtag, tmp_path):
    together = tmp_path / "together"
    code, out, _ = scixtag(
        *("train", "sample:train", "--model", "prior", "--output", tmp_path / "m"),
        *("--evaluate", "sample:test", "--report", together),
    )
    assert code == 0
    assert "report.html" in out
    assert "p@1" in out
    apart = tmp_path / "apart"
    scixtag("evaluate", tmp_path / "m", "sample:test", "--report", apart)
    numbers = [json.loads((folder / "report.json").read_text())["metrics"] for folder in (together, apart)]
    assert numbers[0] == numbers[1]


def test_the_fold_that_training_leaves_out_is_evaluated(scixtag, tmp_path):
    begin = ("train", "sample", "--model", "prior", "--fold", "2/5", "--report", tmp_path / "r")
    code, _, err = scixtag(*begin, "--evaluate", "sample", "--output", tmp_path / "m")
    assert code == 0
    assert "warning" not in err
    assert json.loads((tmp_path / "r" / "report.json").read_text())["system"]["source"] == "sample, fold 2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--report", "r"), "--report goes with --evaluate"),
        (("--evaluate", "sample:tset"), "did you mean 'test'"),
        (("--evaluate", "absent.csv"), "absent.csv"),
        (("--evaluate", "sample:test", "--report", "foreign"), "foreign: "),
        (("--encoder", "x/y"), "--encoder: the model 'prior' has no such setting"),
    ],
    ids=str,
)
def test_what_comes_after_the_training_is_checked_before_it(scixtag, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "diary.txt").write_text("mine")
    monkeypatch.setattr("scixtag.workflows.train.train", lambda *_: pytest.fail("trained"))
    code, out, err = scixtag("train", "sample:train", "--model", "prior", "--output", "m", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_an_encoder_is_named_for_short(train, slow, tmp_path):
    assert train("--encoder", "x/y", "--quiet")[0] == 0
    assert json.loads((tmp_path / "m" / "manifest.json").read_text())["settings"]["model"]["encoder"] == "x/y"
