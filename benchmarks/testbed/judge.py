"""The judge of every answer: what the unsplit network says at each exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.network import Network


class Judge:
    """The whole network in one session, one image a run as on the device.

    Attributes:
        logits: By exit, of every image. Shape (images, classes) each.
    """

    def __init__(self, network: Network, images: np.ndarray) -> None:
        """Run the network on every image."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model = network.spec.resolve(network.spec.model.file).read_bytes()
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names, outputs = network.graph.exit_names, list(network.spec.exit_outputs)
        runs = [session.run(outputs, {network.graph.input_name: image[None]}) for image in images]
        self.logits = {name: np.concatenate([run[k] for run in runs]) for k, name in enumerate(names)}

    def is_right(
        self, exit_name: str, index: int, logits: np.ndarray | Sequence[float], tolerance: float = 0.0
    ) -> bool:
        """Whether an answer has the label and the logits of the unsplit network.

        Args:
            exit_name: The exit that the answer reports.
            index: The image of the answer; images are taken round and round.
            logits: The answer's. Shape (classes,).
            tolerance: The most by which a logit may differ; 0 for equal to the bit.
        """
        of_exit = self.logits[exit_name]
        expected = of_exit[index % len(of_exit)]
        given = np.asarray(logits, dtype=expected.dtype)
        if given.shape != expected.shape or given.argmax() != expected.argmax():
            return False
        return bool(np.allclose(given, expected, rtol=0, atol=tolerance))
