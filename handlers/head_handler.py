"""TorchServe handler of one head: an activation in, an activation out.

Flat by TorchServe's rule: one class, nothing relative. It needs ``edgent.core`` and ``edgent.errors`` only,
which the archive carries, so that it runs in a TorchServe without edgent.
"""

import logging
from pathlib import Path
from typing import Any

from edgent.core.codecs import CODECS
from edgent.core.head import Head, HeadConfig
from edgent.core.presence import announce
from edgent.core.served_batch import answer_batch
from edgent.core.torchserve_metrics import tell_torchserve


class HeadHandler:
    """Gives TorchServe's requests to the head, and the head's answers to TorchServe."""

    def initialize(self, context: Any) -> None:
        """Load the head that the archive holds, and the codecs of other packages that it carries."""
        logging.getLogger().setLevel(logging.WARNING)  # TorchServe's worker writes two lines a request
        said = context.model_yaml_config["edgent"]
        for name, reference in said["codecs"].items():
            CODECS.declare(name, reference)
        config = HeadConfig(
            name=said["head"],
            identity=bytes.fromhex(said["identity"]),
            onnx_sha256=said["onnx_sha256"],
            largest_batch=said["largest_batch"],
            providers=tuple(said["providers"]),
            provider_options=said["provider_options"],
            threads=said["threads"],
        )
        model = Path(context.system_properties["model_dir"], "head.onnx").read_bytes()
        self.head = Head(model, config)
        announce(context)
        tell_torchserve(self.head.counts)

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[bytes]:
        """Answer a batch of requests."""
        return answer_batch(self.head.answer, data, context)
