"""Every archive runs in a Python that has its libraries but no edgent, and no use for pickle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.probe import PROBE
from edgent.core.segment import Segment
from edgent.core.wire import Frame, head_identity, read_frame, write_frame
from edgent.edge.store import build_store, plan_archives
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.edge.store import HeadArchive

PIPELINES = Path(__file__).parents[2] / "pipelines"

SERVER = '''
"""Loads each archive as TorchServe would and answers one request with it."""
import importlib, json, sys, zipfile
from pathlib import Path
from types import SimpleNamespace

import pickle, numpy, onnxruntime, yaml, zstandard, PIL.Image  # an edge has these

def refuse(*_, **__):
    raise AssertionError("something was pickled")

pickle.load = pickle.loads = pickle.dump = pickle.dumps = pickle.Unpickler = pickle.Pickler = refuse

class Absent:
    """Only what an archive brings and its four libraries; nothing else of ours or of the workbench."""
    names = {"torch", "onnx", "pydantic", "requests", "rich", "typer", "device_runtime", "handlers"}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ImportError(f"{name} is not here")

sys.meta_path.insert(0, Absent())
sys.path[:] = [entry for entry in sys.path if entry and not (Path(entry) / "edgent").is_dir()]
try:
    import edgent
except ImportError:
    pass
else:
    raise SystemExit("edgent must not be importable here")

work = Path(sys.argv[1])
for archive in sorted((work / "store").glob("*.mar")):
    folder = work / "unpacked" / archive.stem
    zipfile.ZipFile(archive).extractall(folder)
    manifest = json.loads((folder / "MAR-INF/MANIFEST.json").read_text())
    config = yaml.safe_load((folder / manifest["model"]["configFile"]).read_text())
    sys.path.insert(0, str(folder))
    module = importlib.import_module(Path(manifest["model"]["handler"]).stem)
    own = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__]
    assert len(own) == 1, own
    handler, statuses = own[0](), []
    context = SimpleNamespace(
        system_properties={"model_dir": str(folder)}, model_yaml_config=config,
        set_response_status=lambda code, phrase, index: statuses.append(code),
        set_response_content_type=lambda index, kind: None,
    )
    handler.initialize(context)
    request = bytearray((work / "requests" / archive.stem).read_bytes())
    (answer,) = handler.handle([{"body": request}], context)
    assert not statuses, (archive.stem, statuses, answer)
    (work / "answers" / archive.stem).write_bytes(answer)
    ours = {n: m for n, m in sys.modules.items() if n.partition(".")[0] in ("edgent", module.__name__)}
    for name, loaded in ours.items():
        assert Path(loaded.__file__).is_relative_to(folder), (name, loaded.__file__)
        del sys.modules[name]
    sys.path.remove(str(folder))
    importlib.invalidate_caches()
'''


def _wanted(planned: HeadArchive, image: np.ndarray) -> np.ndarray:
    """What the head computes, by this process."""
    head = planned.network.segments.head(planned.exit_index, planned.partition_point)
    return Segment(head.read_bytes()).run(image)


@pytest.mark.parametrize("name", ["lenet", "alexnet"])
def test_every_archive_answers_without_edgent(name: str, tmp_path: Path) -> None:
    """Unpacked, loaded and asked once: the segment's activation, from the archive's own files alone."""
    network = Network.open(read_spec(PIPELINES / f"{name}.yaml"), tmp_path / "cache")
    planned = plan_archives([network])
    build_store(tmp_path / "store", planned)
    image = np.random.default_rng(11).integers(0, 256, (1, *network.spec.input.shape), np.uint8)
    for folder in ("requests", "answers"):
        (tmp_path / folder).mkdir()
    for archive in planned:
        identity = head_identity(network.graph.sha256, archive.name)
        request = write_frame(Frame(image, "webp", identity, "uint8"))
        (tmp_path / "requests" / archive.name).write_bytes(request)
    (tmp_path / "requests" / PROBE).write_bytes((100).to_bytes(4, "little"))

    command = [sys.executable, "-I", "-c", SERVER, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr

    assert (tmp_path / "answers" / PROBE).read_bytes() == bytes(100)
    for archive in planned:
        answer = read_frame((tmp_path / "answers" / archive.name).read_bytes())
        wanted = _wanted(archive, image)
        assert answer.identity == head_identity(network.graph.sha256, archive.name)
        assert answer.seconds > 0
        half_a_step = (wanted.max() - wanted.min()) / 255 / 2
        np.testing.assert_allclose(answer.tensor, wanted, rtol=0, atol=half_a_step * 1.01 + 1e-6)
