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
from edgent.core.wire import Frame, head_identity, read_frame, window_identity, write_frame
from edgent.edge.store import build_store, plan_archives
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.edge.head_archive import HeadArchive

PIPELINES = Path(__file__).parents[2] / "pipelines"

SERVER = Path(__file__).with_name("answer_alone.py")


def _wanted(planned: HeadArchive, image: np.ndarray) -> np.ndarray:
    """What the head computes, by this process."""
    head = planned.network.segments.head(planned.exit_index, planned.partition_point)
    return Segment(head).run(image)


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
    whole = next(one for one in reversed(planned) if one.warm)
    window = window_identity(network.graph.sha256, network.graph.source.name, whole.tensor.name)
    (tmp_path / "requests" / name).write_bytes(write_frame(Frame(image, "raw", window, "float32")))
    (tmp_path / "requests" / PROBE).write_bytes((100).to_bytes(4, "little"))

    command = [sys.executable, "-I", str(SERVER), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr

    assert (tmp_path / "answers" / PROBE).read_bytes() == bytes(100)
    answer = read_frame((tmp_path / "answers" / name).read_bytes())
    np.testing.assert_allclose(answer.tensor, _wanted(whole, image), rtol=0, atol=1e-5)
    for archive in planned:
        answer = read_frame((tmp_path / "answers" / archive.name).read_bytes())
        wanted = _wanted(archive, image)
        assert answer.identity == head_identity(network.graph.sha256, archive.name)
        assert answer.seconds > 0
        half_a_step = (wanted.max() - wanted.min()) / 255 / 2
        np.testing.assert_allclose(answer.tensor, wanted, rtol=0, atol=half_a_step * 1.01 + 1e-6)
