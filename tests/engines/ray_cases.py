"""What tests of the Ray engine do with workers, and a watcher."""

from scixtag.engines.base import Died


def finished(workers, tasks):
    """All tasks done, those of dead workers again: results by task, and the deaths."""
    left, under_way, results, deaths = list(tasks), 0, {}, []
    while left or under_way:
        while left and under_way < workers.most:
            workers.submit(left.pop(0))
            under_way += 1
        ended = workers.wait()
        under_way -= 1
        if isinstance(ended, Died):
            deaths.append(ended)
            left.append(ended.task)
        else:
            assert ended.task not in results
            results[ended.task] = ended.result
    return results, deaths


def both_work(workers):
    """The process ids of two workers, once both are there."""
    for _ in range(20):
        pids = set(finished(workers, [("nap", 0.5), ("nap", 0.51)])[0].values())
        if len(pids) == 2:
            return pids
    return set()


class Notes:
    """A reporter that keeps the notes."""

    def __init__(self):
        self.told = []

    def start(self, name, total):
        return 0

    def advance(self, handle, steps, detail): ...

    def finish(self, handle, *, complete): ...

    def note(self, message):
        self.told.append(message)
