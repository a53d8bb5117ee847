"""A model that keeps checkpoints, for tests of what happens around long training; see the fixture `slow`."""

from dataclasses import dataclass

from scixtag import workspace
from scixtag.models.centroid import Centroid


@dataclass(frozen=True)
class SlowSettings(Centroid.Settings):
    encoder: str = "none"
    learning_rate: float = 1e-5
    checkpoint_steps: int = 10
    logging_steps: int = 10


class Slow(Centroid):
    """Keeps a checkpoint in the middle; `interruption`, a class of errors, happens right after."""

    Settings = SlowSettings
    interruption = None

    def fit(self, train, validation=None):
        folder = workspace.current().folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checkpoint").write_text("half")
        if self.interruption is not None:
            raise self.interruption("stopped at step 7")
        return super().fit(train)
