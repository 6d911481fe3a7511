"""The features that exits are trained on: pooled activations of a frozen trunk, computed by onnxruntime."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from edgent.errors import ModelError
from edgent.exits.pooling import pooling_nodes
from edgent.graph.onnx_file import editable_copy, graph_inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.graph.tensor import Tensor


@dataclass(frozen=True)
class Features:
    """What a trunk makes of photos.

    Attributes:
        places: features at each place, float32, shape (n, size of the place).
        answers: the network's own output, shape (n, classes).
    """

    places: tuple[np.ndarray, ...]
    answers: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> Features:
        """Those of some of the photos."""
        return Features(tuple(place[chosen] for place in self.places), self.answers[chosen])

    @classmethod
    def joined(cls, parts: Sequence[Features]) -> Features:
        """Those of all parts, one after the other."""
        columns = zip(*(part.places for part in parts), strict=True)
        places = tuple(np.concatenate(column) for column in columns)
        return cls(places, np.concatenate([part.answers for part in parts]))


class FeatureReader:
    """A network that answers with the pooled activations at some places as well.

    Attributes:
        identity: differs where the network or the places do.
    """

    def __init__(self, network: onnx.ModelProto, places: Sequence[Tensor]) -> None:
        """Load the network.

        Args:
            network: with one output.
            places: the activations to pool.

        Raises:
            ModelError: onnxruntime cannot run it.
        """
        model = editable_copy(network)
        self._input, answer = graph_inputs(model)[0].name, model.graph.output[0].name
        self._outputs = []
        for number, tensor in enumerate(places):
            nodes, features = pooling_nodes(tensor, f"/features/{number}")
            model.graph.node.extend(nodes)
            if features != answer:
                model.graph.output.append(helper.make_tensor_value_info(features, TensorProto.FLOAT, None))
            self._outputs.append(features)
        self._outputs.append(answer)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        content = model.SerializeToString(deterministic=True)
        self.identity = hashlib.sha256(content).hexdigest()
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001  onnxruntime's errors share no base but Exception
            raise ModelError(f"onnxruntime cannot run this network: {error}") from None

    def read(self, sample: np.ndarray) -> Features:
        """The features of one photo.

        Args:
            sample: an input of the network, shape (1, *input shape).

        Raises:
            ModelError: onnxruntime cannot run the network on it.
        """
        try:
            *places, answer = self._session.run(self._outputs, {self._input: sample})
        except Exception as error:  # noqa: BLE001  as above
            raise ModelError(f"onnxruntime cannot run this network: {error}") from None
        return Features(tuple(places), answer.astype(np.float32))
