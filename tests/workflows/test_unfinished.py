import json
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from scixtag import workspace
from scixtag.errors import ConfigError, InputError, StoppedError
from scixtag.models import registry
from scixtag.models.centroid import Centroid
from scixtag.workflows.preparation import Corpus, named_vocabulary
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train
from scixtag.workflows.unfinished import MARK, folder_beside, kept_beside

pytestmark = pytest.mark.usefixtures("slow")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "m.v1"


@pytest.fixture
def stopped(output, slow, monkeypatch):
    """An unfinished training; gives its folder."""
    with monkeypatch.context() as patch, pytest.raises(StoppedError):
        patch.setattr(slow, "interruption", StoppedError)
        run(output)
    return folder_beside(output)


def run(output, corpus="sample:train", resume=False, overwrite=False, model="slow", **others):
    document = {"model": {"name": model}, "tuning": {"scheme": "holdout"}}
    own = {field.name for field in fields(registry.model_class(model).Settings)}
    document["model"] |= {key: others.pop(key) for key in list(others) if key in own}
    with kept_beside(output, resume=resume, overwrite=overwrite):
        return train(Corpus(corpus), named_vocabulary("sample"), training_settings(document | others, "x"))


def test_a_training_that_ends_well_leaves_nothing(output, tmp_path):
    run(output)
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_training_keeps_its_checkpoints_and_says_how_to_go_on(slow, output, monkeypatch):
    monkeypatch.setattr(slow, "interruption", StoppedError)
    with pytest.raises(StoppedError) as caught:
        run(output)
    folder = output.parent / "m.v1.training"
    assert caught.value.__notes__ == [
        f"{folder} keeps what was trained so far: the same command with --resume continues it"
    ]
    assert (folder / "held-out" / "checkpoint").is_file()
    assert json.loads((folder / MARK).read_text())["settings"]["model"]["name"] == "slow"


def test_nothing_is_kept_of_what_had_not_begun(output, tmp_path):
    with pytest.raises(InputError, match="absent") as caught:
        run(output, corpus=str(tmp_path / "absent.csv"))
    assert not hasattr(caught.value, "__notes__")
    assert list(tmp_path.iterdir()) == []


def test_checkpoints_are_neither_used_nor_lost_by_accident(output, stopped):
    with pytest.raises(InputError, match=r"m\.v1\.training: keeps .* --resume to continue it, or remove"):
        run(output)
    assert (stopped / "held-out" / "checkpoint").is_file()


def test_resuming_continues_in_the_same_folder_and_then_removes_it(slow, output, stopped, monkeypatch):
    places = []
    monkeypatch.setattr(
        slow, "fit", lambda self, *papers: places.append(workspace.current()) or Centroid.fit(self, *papers)
    )
    run(output, resume=True)
    assert [(place.folder, place.resume) for place in places] == [
        (stopped / "held-out", True),
        (stopped / "final", True),
    ]
    assert not stopped.exists()


def test_resuming_nothing_starts_from_the_beginning(output, monkeypatch):
    noted = []
    monkeypatch.setattr("scixtag.progress.note", noted.append)
    run(output, resume=True)
    assert any("nothing to resume" in line for line in noted)


def test_overwriting_starts_anew(slow, output, stopped, monkeypatch):
    (stopped / "final").mkdir()
    (stopped / "final" / "old").touch()
    monkeypatch.setattr(slow, "interruption", StoppedError)
    with pytest.raises(StoppedError):
        run(output, overwrite=True, learning_rate=2e-5)
    assert not (stopped / "final").exists()
    assert json.loads((stopped / MARK).read_text())["settings"]["model"]["learning_rate"] == 2e-5


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_of_somebody_else_is_never_touched(output, resume):
    folder = folder_beside(output)
    folder.mkdir()
    (folder / "diary.txt").write_text("mine")
    with pytest.raises(InputError, match="in the way"):
        run(output, resume=resume, overwrite=True)
    assert (folder / "diary.txt").read_text() == "mine"


def test_another_training_is_not_continued(output, stopped):
    with pytest.raises(ConfigError) as caught:
        run(output, resume=True, learning_rate=2e-5, seed=3)
    assert "model.learning_rate was 1e-05 and is now 2e-05" in str(caught.value)
    assert "seed was 0 and is now 3" in str(caught.value)
    assert not hasattr(caught.value, "__notes__")
    assert (stopped / "held-out" / "checkpoint").is_file()


def test_other_papers_are_not_continued(output, stopped):
    with pytest.raises(ConfigError, match="the papers are others: "):
        run(output, resume=True, corpus="sample")


def test_another_vocabulary_is_not_continued(output, stopped):
    document = json.loads((stopped / MARK).read_text())
    document["vocabulary"]["fingerprint"] = "0"
    (stopped / MARK).write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="the vocabulary is another: "):
        run(output, resume=True)


def test_what_does_not_change_the_result_may_change(output, stopped):
    run(output, resume=True, checkpoint_steps=3, logging_steps=1)
    assert not stopped.exists()


def test_a_damaged_mark_is_named(output, stopped):
    (stopped / MARK).write_text("{")
    with pytest.raises(InputError, match=f"{MARK} cannot be read"):
        run(output, resume=True)


def test_a_model_without_checkpoints_keeps_nothing(output, tmp_path, monkeypatch):
    def fail(self, papers, validation=None):
        assert list(tmp_path.iterdir()) == []
        raise KeyboardInterrupt

    monkeypatch.setattr(Centroid, "fit", fail)
    with pytest.raises(KeyboardInterrupt) as caught:
        run(output, model="centroid")
    assert not hasattr(caught.value, "__notes__")


def test_other_processes_neither_write_nor_remove(output, stopped, monkeypatch):
    shutil.copytree(stopped, stopped.with_name("before"))
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    run(output, overwrite=True)
    assert (stopped / MARK).read_bytes() == (stopped.with_name("before") / MARK).read_bytes()


@pytest.mark.parametrize(("output", "folder"), [("m", "m.training"), ("a/m.v2/", "a/m.v2.training")])
def test_the_folder_stands_beside_the_output(output, folder, tmp_path):
    assert folder_beside(tmp_path / output) == tmp_path / folder


def test_the_folder_of_the_working_directory_stands_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert folder_beside(Path()) == tmp_path.with_name(f"{tmp_path.name}.training")
