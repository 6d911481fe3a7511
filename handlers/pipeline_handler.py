"""TorchServe handler of a whole pipeline: the output of any window of its layers.

Flat by TorchServe's rule: one class, nothing relative. It needs ``edgent.core`` and ``edgent.errors`` only,
which the archive carries, so that it runs in a TorchServe without edgent.
"""

import logging
from pathlib import Path
from typing import Any

from edgent.core.codecs import CODECS
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.core.pipeline import Pipeline, PipelineConfig
from edgent.core.presence import announce
from edgent.core.served_batch import answer_batch
from edgent.core.torchserve_metrics import tell_torchserve


class PipelineHandler:
    """Gives TorchServe's requests to the pipeline, and its answers to TorchServe."""

    def initialize(self, context: Any) -> None:
        """Load the warm windows, and what of other packages the archive carries."""
        logging.getLogger().setLevel(logging.WARNING)  # TorchServe's worker writes two lines a request
        said = context.model_yaml_config["edgent"]
        for name, reference in said["codecs"].items():
            CODECS.declare(name, reference)
        for name, reference in said["measures"].items():
            CONFIDENCES.declare(name, reference)
        config = PipelineConfig(
            name=said["pipeline"],
            model_sha256=said["model_sha256"],
            files=said["files"],
            largest_batch=said["largest_batch"],
            memory_bytes=said["memory_bytes"],
            warm=tuple((first, last) for first, last in said["warm"]),
            providers=tuple(said["providers"]),
            provider_options=said["provider_options"],
            threads=said["threads"],
        )
        self.pipeline = Pipeline(Path(context.system_properties["model_dir"]), config)
        announce(context)
        tell_torchserve(self.pipeline.counts)

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[bytes]:
        """Answer a batch of requests."""
        return answer_batch(self.pipeline.answer, data, context)
