import pytest

from scixtag import progress


class Heard:
    def __init__(self):
        self.said = []

    def start(self, name, total):
        self.said.append(("start", name, total))
        return 7

    def advance(self, handle, steps, detail):
        self.said.append(("advance", handle, steps, detail))

    def finish(self, handle, *, complete):
        self.said.append(("finish", handle, complete))

    def note(self, message):
        self.said.append(("note", message))


def test_steps_are_reported_with_and_without_detail():
    heard = Heard()
    with progress.reporting_to(heard), progress.stage("training", 2) as advance:
        advance(1)
        advance(1, "loss 0.12")
    assert heard.said == [
        ("start", "training", 2),
        ("advance", 7, 1, ""),
        ("advance", 7, 1, "loss 0.12"),
        ("finish", 7, True),
    ]


def test_tracked_items_count_one_each():
    heard = Heard()
    with progress.reporting_to(heard):
        assert list(progress.track("ab", "letters")) == ["a", "b"]
    assert heard.said == [
        ("start", "letters", 2),
        ("advance", 7, 1, ""),
        ("advance", 7, 1, ""),
        ("finish", 7, True),
    ]


def test_an_error_ends_a_stage_incomplete():
    heard = Heard()
    with pytest.raises(ValueError), progress.reporting_to(heard), progress.stage("training"):
        raise ValueError
    assert heard.said[-1] == ("finish", 7, False)


def test_nobody_has_to_listen():
    progress.note("nothing happens")
    with progress.stage("training", 1) as advance:
        advance(1, "loss 0.12")
