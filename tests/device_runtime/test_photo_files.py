"""Photos whose own files go up: decoded on the device only where its pixels are needed, and counted."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from PIL import Image

from device_runtime.carrying_out.preparation import Preparation
from device_runtime.choosing.choosers import SteadyChooser
from device_runtime.choosing.planner import Planner
from device_runtime.learning.calibration import Calibration
from device_runtime.link.link import LinkMeter
from edgent.core.photo import Photo
from edgent.errors import EdgeTimeoutError, HeadRefusedError, InputError
from edgent.inputs.picture import preprocessing_of
from edgent.planning.costs import MeanPhoto
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table
from tests.photo_files import photo_bytes, steps
from tests.planning.test_photo_files import FILE as SENDS
from tests.planning.test_photo_files import MEAN_BYTES, WEBP, costs
from tests.runtime_fixtures import Scene

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.deadline import Deadline
    from device_runtime.exchange.exchange_thread import Arrival
    from edgent.network import Network

RANDOM = np.random.default_rng(7)
DECODE_S = 0.02


@pytest.fixture
def network(tiny_network: Network) -> Network:
    """The network ``tiny``, whose spec offers photos' files."""
    spec = tiny_network.spec
    codecs = spec.codecs.model_copy(update={"input": ("raw", "file")})
    return replace(tiny_network, spec=spec.model_copy(update={"codecs": codecs}))


@pytest.fixture
def photo() -> bytes:
    """A photo that the network takes."""
    return photo_bytes(Image.fromarray(RANDOM.integers(0, 256, (8, 8, 3), np.uint8)))


class Slow:
    """Decoding takes 20 ms of a scene's clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, made: Scene) -> None:
        self.count = 0
        inner: Any = Photo.__dict__["tensor"].func

        def decode(photo: Photo) -> np.ndarray:
            self.count += 1
            made.clock.pass_s(DECODE_S)
            tensor: np.ndarray = inner(photo)
            return tensor

        slow = type(Photo.__dict__["tensor"])(decode)
        slow.__set_name__(Photo, "tensor")
        monkeypatch.setattr(Photo, "tensor", slow)


def _whole(network: Network, codec: str = "file") -> Plan:
    path = network.graph.paths[0]
    return Plan(path.exit_name, len(path.layers), codec)


def test_a_file_goes_up_as_it_is(
    network: Network, photo: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By bytes or by path; nothing is decoded here."""
    plan = _whole(network)
    made = Scene(network, plan)
    slow = Slow(monkeypatch, made)
    (tmp_path / "one.jpg").write_bytes(photo)
    for given in (photo, tmp_path / "one.jpg"):
        made.edge.script = [made.answers(plan, 0.003)]
        answer = made.runtime.infer(given, 1.0)
        assert (answer.plan, answer.class_index, answer.prepare_s) == (plan, 7, 0.0)
        assert answer.file_kept is None
        sent = made.edge.written[-1]
        assert isinstance(sent, Photo)
        assert sent.content == photo
    assert slow.count == 0


def test_a_plan_of_pixels_decodes_first(
    network: Network, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, within the latency."""
    plan = _whole(network, "raw")
    made = Scene(network, plan)
    slow = Slow(monkeypatch, made)
    made.edge.script = [made.answers(plan, 0.003)]
    answer = made.runtime.infer(photo, 1.0)
    assert answer.prepare_s == pytest.approx(DECODE_S)
    assert isinstance(made.edge.written[0], np.ndarray)
    assert slow.count == 1


def test_a_camera_gives_pixels_and_file(
    network: Network, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo whose pixels are at hand is decoded for no plan, and its file may go up all the same."""
    given = Photo(photo, preprocessing_of(network.spec))
    assert given.tensor.shape == (1, *network.graph.input_shape)
    for plan in (_whole(network, "raw"), _whole(network)):
        made = Scene(network, plan)
        slow = Slow(monkeypatch, made)
        made.edge.script = [made.answers(plan, 0.003)]
        answer = made.runtime.infer(given, 1.0)
        assert (answer.plan, answer.prepare_s, answer.file_kept, slow.count) == (plan, 0.0, None, 0)


def test_pixels_have_no_file_to_send(network: Network) -> None:
    """And the answer says so; a plan that was named is refused."""
    made = Scene(network, Plan("exit1", 0))
    image = np.zeros((1, *network.graph.input_shape), np.uint8)
    answer = made.runtime.infer(image, 1.0)
    assert answer.file_kept == answer.to_json()["file_kept"]
    assert answer.file_kept is not None
    assert "came as pixels" in answer.file_kept
    with pytest.raises(InputError, match="sends a photo's own file, but the input came as pixels"):
        made.runtime.infer(image, 1.0, _whole(network))


def test_a_file_of_another_format_is_decoded_here(network: Network) -> None:
    """It is no less an input for that."""
    made = Scene(network, Plan("exit1", 0))
    content = photo_bytes(Image.fromarray(RANDOM.integers(0, 256, (8, 8, 3), np.uint8)), "WEBP")
    answer = made.runtime.infer(content, 1.0)
    assert answer.plan == Plan("exit1", 0)
    assert "no picture that the edge reads: JPEG" in (answer.file_kept or "")


def test_without_the_codec_nothing_is_said(tiny_network: Network, photo: bytes) -> None:
    """And photos are decoded as they come."""
    made = Scene(tiny_network, Plan("exit1", 0))
    assert made.runtime.infer(photo, 1.0).file_kept is None


def test_where_no_profile_knows_files_photos_are_decoded_before_the_plan(
    network: Network, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planner gets what that leaves; a plan that the caller names may send the file all the same."""
    made = Scene(network, Plan("exit1", 0))
    slow = Slow(monkeypatch, made)
    made.runtime._deciding.plans_files = False
    answer = made.runtime.infer(photo, 1.0)
    assert (slow.count, answer.file_kept) == (1, None)
    assert answer.prepare_s == pytest.approx(DECODE_S)
    plan = _whole(network)
    made.edge.script = [made.answers(plan, 0.003)]
    assert made.runtime.infer(photo, 1.0, plan).plan == plan
    assert slow.count == 1


def test_a_late_edge_leaves_time_to_decode(
    network: Network, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time the device knows what decoding takes, and starts so much earlier."""
    plan = _whole(network)
    made = Scene(network, plan)
    slow = Slow(monkeypatch, made)
    waits: list[float] = []

    def never(_: str, wait_until: Deadline) -> Arrival:
        waits.append(wait_until.left_s())
        made.clock.pass_s(wait_until.left_s())
        raise EdgeTimeoutError("not yet")

    made.edge.script = [never, never]
    first, second = (made.runtime.infer(photo, 0.5) for _ in range(2))
    assert not first.met_requirement
    assert second.met_requirement
    assert waits[0] - waits[1] == pytest.approx(DECODE_S, abs=0.002)
    assert (first.prepare_s, second.prepare_s) == pytest.approx((DECODE_S, DECODE_S))
    assert slow.count == 2


def test_a_broken_photo_is_not_the_edges_fault(network: Network, photo: bytes) -> None:
    """The caller is told, and the endpoint is asked again at once."""
    plan = _whole(network)
    made = Scene(network, plan)

    def refuse(*_: Any) -> Arrival:
        raise HeadRefusedError("tiny refused the request (400): no readable image: image file is truncated")

    made.edge.script = [refuse, made.answers(plan, 0.003)]
    with pytest.raises(InputError, match="no readable image"):
        made.runtime.infer(photo[:-20], 1.0)
    answer = made.runtime.infer(photo, 1.0)
    assert (answer.plan, answer.edge_error) == (plan, None)


def test_a_climb_beside_the_edge_decodes_in_its_own_thread(network: Network, photo: bytes) -> None:
    """The file goes up first."""
    device = network.spec.device.model_copy(update={"hedge": "eager"})
    eager = replace(network, spec=network.spec.model_copy(update={"device": device}))
    plan = _whole(eager)
    made = Scene(eager, plan)
    made.edge.script = [made.answers(plan, 0.003)]
    answer = made.runtime.infer(photo, 5.0)
    assert answer.plan.exit == plan.exit
    assert isinstance(made.edge.written[0], Photo)


def test_the_planner_is_told_of_each_input() -> None:
    """The same table until an input is another one; none that sends a file where there is none."""
    table = build_cost_table(costs(), 200.0, 0.0)
    calibration = Calibration(table)
    calibration.expect(2 * MEAN_BYTES, 0.06, decoding=3.0)
    known = calibration.table
    k = table.index_of(SENDS)
    assert known.upload_bytes[k] - table.upload_bytes[k] == MEAN_BYTES
    assert known.prepare_s[table.index_of(WEBP)] == 0.06
    all_possible = calibration.possible
    assert all_possible is None
    assert known.seconds[Step.DECODE_UP, k] == 3 * table.seconds[Step.DECODE_UP, k]
    calibration.expect(2 * MEAN_BYTES, 0.06, decoding=3.0)
    assert calibration.table is known
    calibration.expect(None, 0.0)
    assert calibration.possible is not None
    assert not calibration.possible[k]
    assert calibration.possible[table.index_of(WEBP)]
    assert not calibration.table.prepare_s.any()


def test_what_decoding_takes_is_learnt(tiny_network: Network) -> None:
    """From the first photo on; a larger one takes as much longer, and a decoded one no more."""
    preprocessing = replace(preprocessing_of(tiny_network.spec), steps=steps())
    now_s = iter([0.0, 0.010, 1.0, 1.020])
    preparation = Preparation(now_s.__next__)
    image = Image.fromarray(RANDOM.integers(0, 256, (300, 400, 3), np.uint8))
    content = photo_bytes(image)
    first, second = Photo(content, preprocessing), Photo(content, preprocessing)
    assert preparation.expected_s(first) == 0.0
    assert preparation.prepare(first) == pytest.approx(0.010)
    assert preparation.prepare(first) == preparation.expected_s(first) == 0.0
    assert preparation.expected_s(second) == pytest.approx(0.010)
    preparation.prepare(second)
    assert preparation.expected_s(Photo(content, preprocessing)) == pytest.approx(0.015)
    larger = Photo(photo_bytes(image.resize((800, 600))), preprocessing)
    assert preparation.expected_s(larger) == pytest.approx(0.015 * larger.work / first.work)


def test_what_decoding_takes_is_learnt_of_each_format(tiny_network: Network) -> None:
    """Before its first photo a format is as those that were seen, and before any as in the profile."""
    preprocessing = replace(preprocessing_of(tiny_network.spec), steps=steps())
    image = Image.fromarray(RANDOM.integers(0, 256, (300, 400, 3), np.uint8))
    jpeg, png = (Photo(photo_bytes(image, kind), preprocessing) for kind in ("JPEG", "PNG"))
    now_s = iter([0.0, 0.010, 1.0, 1.040])
    preparation = Preparation(now_s.__next__, MeanPhoto(0.002, jpeg.work / 4))
    assert preparation.expected_s(jpeg) == pytest.approx(0.008)
    assert preparation.times_the_mean(jpeg) == pytest.approx(4.0)
    assert preparation.expected_s(png) == pytest.approx(0.008 * png.work / jpeg.work)
    preparation.prepare(replace(jpeg))
    assert preparation.expected_s(png) == pytest.approx(0.010 * png.work / jpeg.work)
    preparation.prepare(replace(png))
    assert preparation.expected_s(png) == pytest.approx(0.040)
    assert preparation.expected_s(jpeg) == pytest.approx(0.010)


def test_a_photo_that_took_longer_to_decode_than_expected_is_blamed(
    network: Network, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the answer would have been in time without that, and where nothing was left for any exit."""
    made = Scene(network, Plan("exit1", 0))
    Slow(monkeypatch, made)
    answer = made.runtime.infer(photo, 0.028)
    assert answer.missed == "decoding the photo took 20.0 ms, 0.0 were expected"
    answer = made.runtime.infer(photo, 0.028)
    assert answer.missed is not None
    assert answer.missed.startswith("no local exit answers within 8.0 ms that decoding the photo leaves;")
    answer = made.runtime.infer(photo, 0.009)
    assert "decoding" not in (answer.missed or "")


def test_each_photo_is_planned_with_its_own_bytes() -> None:
    """On 4 Mbps a small file goes up, a large one is written again, and pixels have no file."""
    table = build_cost_table(costs(), 200.0, 0.0)
    calibration = Calibration(table)
    ready = np.ones(len(table), np.bool_)
    roster = SimpleNamespace(hoped_for=lambda: ready, known=lambda: ready, is_ready=lambda _: True)
    edge: Any = SimpleNamespace(is_free=True, roster=roster)
    book, nothing = SimpleNamespace(of=lambda _: ()), cast("Any", SimpleNamespace())
    chooser = SteadyChooser(calibration, LinkMeter(Link(0.01, 4e6, 4e6)))
    planner = Planner(cast("Any", book), calibration, chooser, edge, nothing, nothing)
    for frame_bytes, prepare_s, plan in (
        (MEAN_BYTES, 0.03, SENDS),
        (4e6, 0.03, WEBP),
        (None, 0.0, WEBP),
        (MEAN_BYTES, 0.03, SENDS),
    ):
        calibration.expect(frame_bytes, prepare_s)
        decision = planner.decide(0.5)
        assert (decision.plan, decision.meets_requirement) == (plan, True)
