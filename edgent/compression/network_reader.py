"""Runs the network once for everything that a training compares with: activations and all exits' answers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from edgent.errors import ModelError
from edgent.graph.onnx_file import editable_copy, load

if TYPE_CHECKING:
    from edgent.compression.codec_place import CodecPlace
    from edgent.network import Network


class NetworkReader:
    """The network with the tensors of a codec's place among its outputs.

    Attributes:
        identity: differs where the network or the tensors do.
    """

    def __init__(self, network: Network, place: CodecPlace, threads: int = 1) -> None:
        """Load it.

        Raises:
            ModelError: onnxruntime cannot run it.
        """
        model = editable_copy(load(network.graph.path)[0])
        paths = [network.graph.path_of(name) for name in place.exits]
        answers = [path.cut_tensor(len(path.layers)) for path in paths]
        activations = dict.fromkeys((place.gives.name, place.reads.name))
        self._activations = [name for name in activations if name != network.graph.input_name]
        self._input = network.graph.input_name
        present = {output.name for output in model.graph.output}
        for name in self._activations:
            if name not in present:
                model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
        self._outputs = [*self._activations, *answers]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        self.identity = hashlib.sha256("\0".join([network.graph.sha256, *self._outputs]).encode()).hexdigest()
        try:
            self._session = onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # noqa: BLE001  onnxruntime's errors share no base but Exception
            raise ModelError(f"onnxruntime cannot run this network: {error}") from None

    def read(self, samples: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Activations by tensor name, and the exits' answers side by side.

        Args:
            samples: inputs, shape (n, *input shape).
        """
        parts = [self._session.run(self._outputs, {self._input: one[np.newaxis]}) for one in samples]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        count = len(self._activations)
        answers = np.concatenate([column.reshape(len(samples), -1) for column in columns[count:]], axis=1)
        return dict(zip(self._activations, columns, strict=False)), answers.astype(np.float32)
