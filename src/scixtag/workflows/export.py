"""A trained tagger for another runtime: the same folder, but for the network in it."""

import datetime
from dataclasses import replace

from scixtag.errors import InputError
from scixtag.models.base import Exportable
from scixtag.workflows.tagger import Tagger


def to_onnx(tagger: Tagger, *, int8: bool) -> Tagger:
    """The same tagger with its network as an ONNX graph, which tags without torch.

    Calibration and decision rule stay as they were fitted on the scores of the original.

    Args:
        tagger: Trained.
        int8: Matrix products in eight bits: faster, and not quite the same scores.

    Raises:
        InputError: Its model is none that can be exported.
        ModelError: It is an exported one already, or cannot be exported.
        ConfigError: A package is missing.
    """
    manifest = tagger.manifest
    if not isinstance(tagger.model, Exportable):
        raise InputError(
            f"only models with a network can be exported, and this one is '{manifest['model']['name']}', "
            "which needs neither torch nor an export; use its folder as it is"
        )
    exported = {
        "format": "onnx",
        "int8": int8,
        "from": manifest["created"],
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    return replace(tagger, model=tagger.model.to_onnx(int8=int8), manifest=manifest | {"exported": exported})
