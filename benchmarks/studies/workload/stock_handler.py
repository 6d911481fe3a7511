"""TorchServe handler of a picture classifier, as people write it: JPEG in, the most probable classes out.

TorchServe's own `image_classifier` needs torchvision; this one decodes with Pillow and runs the network by
onnxruntime, on one thread as edgent's heads do, and is as quiet as they are. Flat by TorchServe's rule.
"""

import io
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

_MOST_CLASSES = 5


class StockHandler:
    """Decodes pictures, resizes and crops them, runs them as one batch, and names classes."""

    def initialize(self, context: Any) -> None:
        """Load the network and the names of its classes."""
        logging.getLogger().setLevel(logging.WARNING)  # TorchServe's worker writes two lines a request
        folder = Path(context.system_properties["model_dir"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = folder / context.manifest["model"]["serializedFile"]
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        (taken,) = self.session.get_inputs()
        self.input, (self.height, self.width) = taken.name, taken.shape[-2:]
        self.names = json.loads((folder / "index_to_name.json").read_text(encoding="utf-8"))

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[dict[str, float]]:
        """The probabilities of the first classes, for each picture."""
        pixels = np.stack([self.preprocess(row.get("data") or row["body"]) for row in data])
        (scores,) = self.session.run(None, {self.input: pixels})
        return [self.postprocess(row) for row in scores]

    def preprocess(self, picture: bytes) -> np.ndarray:
        """Pixels in the network's size, uint8 of shape (3, height, width)."""
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("RGB")
        fitted = ImageOps.fit(image, (self.width, self.height), Image.Resampling.BILINEAR)
        pixels: np.ndarray = np.asarray(fitted).transpose(2, 0, 1)
        return pixels

    def postprocess(self, scores: np.ndarray) -> dict[str, float]:
        """The probabilities of the most probable classes, the first one first."""
        exponents = np.exp(scores - scores.max())
        first = np.argsort(-scores, kind="stable")[:_MOST_CLASSES]
        return {self.names[str(k)]: float(exponents[k] / exponents.sum()) for k in first}
