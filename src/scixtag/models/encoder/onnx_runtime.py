"""A trained network in ONNX Runtime, on the processor; needs neither torch nor transformers."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import onnxruntime

from scixtag.errors import ModelError
from scixtag.models.encoder.runtime import reading
from scixtag.models.encoder.windows import Tokenizer, Windows, padded

NETWORK_FILE = "model.onnx"
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "logits"

_SLOW = ["SkipLayerNormFusion"]
"""In ONNX Runtime 1.32 the fused sum and norm takes ten times as long as the two of them."""
_ERRORS_ONLY = 3


class OnnxRuntime:
    """See `Runtime`.

    Every window is read by itself, on one processor, and as many at a time as there are processors. A batch would be
    hardly faster, for it is padded, and in eight bits its windows would share one scale, so that the scores of a paper
    would depend on its neighbours.

    Args:
        network: The ONNX graph, or its file.
        tokenizer: Texts to windows.

    Raises:
        ModelError: ONNX Runtime cannot read it: it is damaged, or needs a newer one.
    """

    kind: ClassVar = "onnx"

    def __init__(self, network: bytes | Path, tokenizer: Tokenizer) -> None:
        self._network = network
        self.tokenizer = tokenizer
        self._session = _session(network)

    def logits(self, windows: Windows) -> npt.NDArray[np.float32]:
        """See `Runtime.logits`."""
        result: npt.NDArray[np.float32] | None = None
        total = len(windows.tokens)
        workers = ThreadPoolExecutor(processors())
        try:
            with reading(total) as advance:
                for row, logits in enumerate(workers.map(self._of, windows.tokens)):
                    if result is None:
                        result = np.empty((total, logits.size), np.float32)
                    result[row] = logits
                    advance(1)
        finally:
            workers.shutdown(cancel_futures=True)
        return np.empty((0, 0), np.float32) if result is None else result

    def _of(self, window: list[int]) -> npt.NDArray[np.float32]:
        inputs = dict(zip(INPUTS, padded([window], self.tokenizer.padding), strict=True))
        logits: npt.NDArray[np.float32] = self._session.run([OUTPUT], inputs)[0][0]
        return logits

    def save(self, folder: Path) -> None:
        """See `Runtime.save`."""
        if isinstance(self._network, Path):
            shutil.copyfile(self._network, folder / NETWORK_FILE)
        else:
            (folder / NETWORK_FILE).write_bytes(self._network)
        self.tokenizer.save(folder)

    @classmethod
    def load(cls, folder: Path, tokenizer: Tokenizer) -> "OnnxRuntime":
        """Read what `save` wrote.

        Raises:
            ModelError: As the constructor.
        """
        return cls(folder / NETWORK_FILE, tokenizer)


def _session(network: bytes | Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    source = str(network) if isinstance(network, Path) else network
    try:
        return onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW
        )
    except Exception as error:  # ONNX Runtime's errors have no class in common
        name = network if isinstance(network, Path) else NETWORK_FILE
        raise ModelError(
            f"{name}: ONNX Runtime cannot read it ({_first_line(error)}); update onnxruntime, or export the model again"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def processors() -> int:
    """How many to compute on: `OMP_NUM_THREADS`, as for torch, or all that this process may use."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdecimal() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
