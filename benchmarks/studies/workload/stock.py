"""What a user of TorchServe has today: the whole network behind a handler that takes pictures."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import onnx

from benchmarks.testbed.device.stock import STOCK
from edgent.edge.configuration import ServedModel
from edgent.edge.mar import OF_NO_MODEL, MarFile, mar_file
from edgent.exits.attach import with_outputs
from edgent.graph.onnx_file import load

if TYPE_CHECKING:
    from edgent.spec import Pipeline

_HANDLER = Path(__file__).with_name("stock_handler.py")


def build_stock(store: Path, pipeline: Pipeline) -> ServedModel:
    """Write the archive of a pipeline's deepest exit into a store, by TorchServe's archiver; one worker.

    Raises:
        ModelError: the network cannot be read.
    """
    network, _ = load(pipeline.resolve(pipeline.model.file))
    with tempfile.TemporaryDirectory() as folder:
        model, names = Path(folder, "network.onnx"), Path(folder, "index_to_name.json")
        onnx.save(with_outputs(network, pipeline.exit_outputs[-1:]), model)
        names.write_text(json.dumps(dict(enumerate(pipeline.input.labels))), encoding="utf-8")
        archiver = Path(sys.executable).with_name("torch-model-archiver")
        command = [str(archiver), "--model-name", STOCK, "--version", OF_NO_MODEL, "--force"]
        command += ["--serialized-file", str(model), "--handler", str(_HANDLER)]
        command += ["--extra-files", str(names), "--export-path", str(store)]
        subprocess.run(command, env=os.environ | {"TMPDIR": folder}, check=True)  # it stages files there
    file = store / mar_file(STOCK, OF_NO_MODEL)
    content = file.read_bytes()
    return ServedModel(STOCK, MarFile(file, len(content), hashlib.sha256(content).hexdigest()), workers=1)
