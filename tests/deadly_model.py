"""A model whose process ends at some texts, for tests of what happens then; see the fixture `deadly`."""

import os
import signal
import sys

from scixtag.models.prior import Prior


class Deadly(Prior):
    """Killed at "deadly", leaves at "fleeing", raises at "failing"; otherwise a prior."""

    def scores(self, texts):
        for text in texts:
            if "deadly" in text.joined:
                os.kill(os.getpid(), signal.SIGKILL)
            if "fleeing" in text.joined:
                os._exit(7)
            if "failing" in text.joined:
                raise ValueError("no such star")
        return super().scores(texts)

    @classmethod
    def load(cls, folder):
        if os.environ.get("DEADLY_START") and "scixtag.engines.local_worker" in sys.modules:
            os._exit(9)
        return super().load(folder)
