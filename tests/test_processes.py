import pytest

from scixtag import processes
from scixtag.errors import ConfigError


@pytest.mark.parametrize(
    ("rank", "size", "number", "count"),
    [(None, None, 0, 1), ("0", "2", 0, 2), ("1", "2", 1, 2), ("3", None, 0, 1), ("", "", 0, 1)],
)
def test_the_environment_says_which_process_this_is(monkeypatch, rank, size, number, count):
    for name, value in (("RANK", rank), ("WORLD_SIZE", size)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert (processes.number(), processes.count()) == (number, count)
    assert processes.is_main() == (number == 0)


def test_a_word_for_a_number_is_named(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "two")
    with pytest.raises(ConfigError, match="WORLD_SIZE is 'two'"):
        processes.is_main()


def test_a_worker_takes_no_more_cores_than_are_its_own(monkeypatch):
    given = processes.cores()
    for told, expected in (("1", 1), ("0", 1), (str(given + 5), given)):
        monkeypatch.setenv("SCIXTAG_CORES", told)
        assert processes.cores() == expected
    monkeypatch.setenv("SCIXTAG_CORES", "many")
    with pytest.raises(ConfigError, match="SCIXTAG_CORES"):
        processes.cores()
