"""A trained network as an ONNX graph, in float32 or with matrix products in eight bits."""

import copy
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from scipy.special import expit
from torch import Tensor, nn
from transformers import PreTrainedModel

from scixtag import progress
from scixtag.errors import ModelError
from scixtag.models.encoder.onnx_runtime import INPUTS, OUTPUT, OnnxRuntime
from scixtag.models.encoder.torch_runtime import TorchRuntime
from scixtag.models.encoder.windows import Windows

_OPSET = 23
"""The first that has attention as one operator; taken apart, it costs a third more time."""
_LARGEST = 2_000_000_000
"""Bytes; a file of protobuf's cannot pass 2 GiB."""
_TOLERANCE = 1e-4
_PROBES = 8


def export(runtime: TorchRuntime, *, int8: bool) -> OnnxRuntime:
    """The network for ONNX Runtime, compared with the original before it is given away.

    Args:
        runtime: The trained network; it stays as it is.
        int8: Matrix products with weights in eight bits, of which each column has a scale, and inputs in eight bits
            with one scale, measured when they are there (dynamic quantisation; Jacob et al. 2018). Word vectors,
            attention and norms stay in float32.

    Raises:
        ModelError: The network is too large for one file, or cannot be exported.
    """
    with progress.stage("exporting to ONNX", 1 + int8) as advance:
        network = runtime.network
        _check_size(network)
        graph = _exported(copy.deepcopy(network).cpu() if network.device.type != "cpu" else network)
        plain = OnnxRuntime(graph.SerializeToString(deterministic=True), runtime.tokenizer)
        _check_equal(runtime, plain)
        advance(1)
        if not int8:
            return plain
        small = OnnxRuntime(_quantised(graph).SerializeToString(deterministic=True), runtime.tokenizer)
        advance(1)
    return small


def _check_size(network: PreTrainedModel) -> None:
    size = sum(parameter.numel() * 4 for parameter in network.parameters())
    if size > _LARGEST:
        raise ModelError(
            f"the network's weights take {size / 1e9:.1f} GB, and an ONNX file holds at most 2 GB; "
            "use the folder as it is, or train a smaller encoder"
        )


class _Logits(nn.Module):
    """The network with plain tensors going in and coming out."""

    def __init__(self, network: PreTrainedModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.network(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def _exported(network: PreTrainedModel) -> onnx.ModelProto:
    tokens = torch.full((2, 16), 1)
    mask = torch.ones_like(tokens)
    mask[1, 10:] = 0
    sizes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _without_remarks(), _explaining(network):
        program = torch.onnx.export(
            _Logits(network).eval(),
            (tokens, mask),
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_shapes=(sizes, sizes),
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    return _bare(program.model_proto)


@contextmanager
def _explaining(network: PreTrainedModel) -> Iterator[None]:
    try:
        yield
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise ModelError(
            f"{type(network).__name__} cannot be exported: torch does not translate it ({reason}); "
            "use the folder as it is, or train another encoder"
        ) from error


@contextmanager
def _without_remarks() -> Iterator[None]:
    """Without what the exporter says about its own insides."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
        # It looks for torchvision's operators, and says that it found none.
        log = logging.getLogger("torch.onnx._internal.exporter._registration")
        stack.callback(log.setLevel, log.level)
        log.setLevel(logging.ERROR)
        yield


def _bare(graph: Any) -> onnx.ModelProto:
    """Without the places in source files, on this machine, that the exporter notes at every node."""
    for part in (graph, graph.graph, *graph.graph.node, *graph.graph.initializer):
        part.ClearField("metadata_props")
    # Shapes of what lies between input and output, in names that the exporter made up.
    graph.graph.ClearField("value_info")
    for value in (*graph.graph.input, *graph.graph.output):
        value.ClearField("metadata_props")
        sizes = value.type.tensor_type.shape.dim
        sizes[0].dim_param = "windows"
        if value.name in INPUTS:
            sizes[1].dim_param = "length"
    return graph


def _quantised(graph: Any) -> onnx.ModelProto:
    # Otherwise a warning goes to the root logger, and tells to do what this graph does not need.
    onnx.helper.set_model_props(graph, {"onnx.quant.pre_process": "onnxruntime.quant"})
    with tempfile.TemporaryDirectory(prefix="scixtag.") as folder:
        file = Path(folder) / "model.onnx"
        # Weights take seven bits: processors without VNNI add two products in 16 bits, which eight would overflow.
        how = {"weight_type": QuantType.QInt8, "per_channel": True, "reduce_range": True}
        quantize_dynamic(graph, file, op_types_to_quantize=["MatMul"], **how)
        return _bare(onnx.load(file))


def _check_equal(runtime: TorchRuntime, exported: OnnxRuntime) -> None:
    names = list(runtime.network.config.id2label.values())[:_PROBES]
    probes: Windows = runtime.tokenizer.windows([*names, ". ".join(names)])
    wanted, found = runtime.logits(probes), exported.logits(probes)
    error = float(np.abs(expit(wanted) - expit(found)).max())
    # Written so that it holds for an error that is no number, too.
    if not error <= _TOLERANCE:
        raise ModelError(
            f"{type(runtime.network).__name__} cannot be exported: the ONNX graph gives other probabilities than the "
            f"network (by up to {error:.2g}); use the folder as it is"
        )
