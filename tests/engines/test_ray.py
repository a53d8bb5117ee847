"""Workers of the Ray engine on a real cluster of this machine."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path

import pytest
from ray_cases import Notes, both_work, finished
from ray_jobs import Squares

from scixtag import progress
from scixtag.engines.base import Died, Finished
from scixtag.engines.registry import engine_named, known_engines
from scixtag.errors import InputError

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'scixtag[ray]'")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where workers note that they started."""
    return tmp_path_factory.mktemp("started")


@pytest.fixture(scope="class")
def squares(cluster, folder):
    """Two workers that square numbers; they outlive whatever happens to them."""
    with engine_named("ray", workers=2, address=cluster.address).employ(Squares(folder)) as workers:
        yield workers


def test_it_is_an_engine():
    assert "ray" in known_engines()


class TestWorkers:
    def test_all_tasks_are_done_and_each_worker_starts_once(self, squares, folder):
        results, deaths = finished(squares, range(40))
        assert results == {task: task * task for task in range(40)}
        assert not deaths
        pids, _ = finished(squares, [("nap", 1), ("nap", 1.01), ("nap", 1.02)])
        assert len(set(pids.values())) == 2, "both worked at the same time"
        assert len(list(folder.iterdir())) == 2

    def test_one_thread_a_worker(self, squares):
        ((pools, asked, cores),) = finished(squares, [("threads",)])[0].values()
        assert pools, "no BLAS was found, so this says nothing"
        assert set(pools) == {1}
        assert (asked, cores) == ("1", 1)

    def test_relative_paths_go_out_from_the_same_folder(self, squares):
        assert finished(squares, [("where",)])[0] == {("where",): str(Path.cwd())}

    def test_results_of_megabytes_come_whole(self, squares):
        squares.submit(("large",))
        assert squares.wait().result.sum() == 499_999_500_000

    def test_notes_come_through_once(self, squares):
        notes = Notes()
        with progress.reporting_to(notes):
            for _ in range(2):
                squares.submit(("tell",))
                assert squares.wait().result == "told"
        assert notes.told == ["the model is old"]

    def test_errors_come_out_as_they_were_raised(self, squares):
        squares.submit(("refuse",))
        with pytest.raises(InputError, match="row 17: no title") as told:
            squares.wait()
        assert str(told.value) == "row 17: no title"
        assert "every node must see model, input and output under the same path" in told.value.__notes__[0]
        squares.submit(("divide",))
        with pytest.raises(ZeroDivisionError):
            squares.wait()
        squares.submit(("open",))
        with pytest.raises(FileNotFoundError) as missing:
            squares.wait()
        assert missing.value.filename == "no-such-place/file"
        squares.submit(("strange",))
        with pytest.raises(RuntimeError, match="one and two"):
            squares.wait()
        squares.submit(7)
        assert squares.wait() == Finished(7, 49)
        assert both_work(squares), "the workers live on"

    def test_a_worker_that_dies_is_told_with_its_task_alone_and_replaced(self, squares, folder, tmp_path):
        before = len(list(folder.iterdir()))
        dying = ("die", str(tmp_path / "once"))
        results, deaths = finished(squares, [*range(10), dying, *range(10, 20)])
        assert [death.task for death in deaths] == [dying]
        assert "ended unexpectedly on node" in deaths[0].reason
        assert results == {task: task * task for task in range(20)} | {dying: "survived"}
        assert both_work(squares)
        assert len(list(folder.iterdir())) == before + 1

    def test_workers_killed_from_outside(self, squares):
        pids = both_work(squares)
        squares.submit(("nap", 60))
        squares.submit(("nap", 61))
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        deaths = [squares.wait(), squares.wait()]
        assert all(isinstance(death, Died) for death in deaths)
        assert sorted(death.task for death in deaths) == [("nap", 60), ("nap", 61)]
        squares.submit(6)
        assert squares.wait() == Finished(6, 36)

    def test_a_task_that_always_kills_is_told_each_time(self, squares):
        for _ in range(3):
            squares.submit(("leave",))
            ended = squares.wait()
            assert isinstance(ended, Died)
            assert ended.task == ("leave",)
        squares.submit(3)
        assert squares.wait() == Finished(3, 9)
