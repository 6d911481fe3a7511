"""What another package adds: offered in a spec, carried by archives, and used where it is not installed."""

from __future__ import annotations

import importlib
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from device_runtime.deadline import Deadline
from edgent.core.codecs.raw import RawCodec
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.core.frame_exits import ExitsAsked, ExitsToAsk
from edgent.core.probe import PROBE, write_probe
from edgent.core.segment import Segment
from edgent.core.wire import Frame, head_identity, read_frame, window_identity, write_frame
from edgent.edge.carried import carried_codecs, carried_measures
from edgent.edge.store import build_store, plan_archives
from edgent.errors import ArchiveError, SpecError
from edgent.network import Network
from edgent.spec import read_spec
from edgent.spec.codecs_section import CodecsSection
from tests.in_process_edge import Worker
from tests.torchserve_fixtures import serving, write_tiny_spec

if TYPE_CHECKING:
    from edgent.core.codecs.codec_registry import CodecRegistry

SERVER = Path(__file__).with_name("answer_alone.py")
PACKAGE = {
    "made_up_codecs/__init__.py": "",
    "made_up_codecs/bits.py": """
def flipped(tensor):
    return 255 - tensor
""",
    "made_up_codecs/codecs.py": """
import math

import numpy as np

from edgent.errors import FrameError
from made_up_codecs.bits import flipped


class Negative:
    name, number, carries, lossless = "negative", 200, ("input",), True

    def supports(self, shape, dtype):
        return dtype == np.uint8

    def encode(self, tensor):
        return flipped(tensor).tobytes()

    def decode(self, payload, shape, dtype):
        if len(payload) != math.prod(shape):
            raise FrameError(f"{len(payload)} bytes")
        return flipped(np.frombuffer(payload, np.uint8)).reshape(shape)


class Half:
    name, number, carries, lossless = "half", 201, ("activation",), False

    def supports(self, shape, dtype):
        return dtype == np.float32

    def encode(self, tensor):
        return tensor.astype(np.float16).tobytes()

    def decode(self, payload, shape, dtype):
        return np.frombuffer(payload, np.float16).astype(np.float32).reshape(shape)


NEGATIVE = Negative()
HALF = Half()
""",
}
DECLARED = """\
[edgent.codecs]
negative = made_up_codecs.codecs:NEGATIVE
half = made_up_codecs.codecs:HALF
"""
OFFERED = "codecs: {input: [raw, negative], activation: [float32, half]}\n"


@pytest.fixture
def installed(site: Path) -> Path:
    """The package, with its entry points."""
    for name, text in PACKAGE.items():
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(text)
    described = site / "made_up_codecs-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-codecs\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text(DECLARED)
    return site


@pytest.fixture
def network(
    installed: Path,  # noqa: ARG001  the spec is read where the package is installed
    chain_network: Path,
    tmp_path: Path,
) -> Network:
    """A pipeline that offers both codecs."""
    spec = write_tiny_spec(tmp_path / "spec", chain_network)
    spec.write_text(spec.read_text() + OFFERED)
    return Network.open(read_spec(spec), tmp_path / "cache")


def _module(site: Path, name: str, text: str) -> Any:
    (site / f"{name}.py").write_text(text)
    importlib.invalidate_caches()
    return importlib.import_module(name)


@pytest.mark.usefixtures("installed")
def test_a_spec_offers_what_is_installed(chain_network: Path, tmp_path: Path) -> None:
    """Its JSON Schema lists the codecs, each where it may stand, and a misspelt name is mended."""
    fields = CodecsSection.model_json_schema()["properties"]
    by_name, rungs = fields["input"]["anyOf"][0]["items"]["anyOf"]
    assert by_name["enum"] == ["raw", "webp", "jpeg", "file", "float32", "negative"]
    assert "avif" in rungs["pattern"]
    assert {"float32", "uint8", "uint4@99.9", "half"} <= {*fields["activation"]["items"]["enum"]}
    spec = write_tiny_spec(tmp_path / "spec", chain_network)
    good = spec.read_text()
    for offered, problem in (
        ("input: [negativ]", r"codecs.input.0: no codec 'negativ'; did you mean 'negative'\?$"),
        (
            "activation: [negative]",
            r"codecs.activation.0: codec 'negative' carries no activation; ",
        ),
    ):
        spec.write_text(f"{good}codecs: {{{offered}}}\n")
        with pytest.raises(SpecError, match=problem):
            read_spec(spec)


def test_an_archive_answers_in_a_codec_that_it_carries(network: Network, tmp_path: Path) -> None:
    """A Python without edgent and without the package reads and writes both codecs."""
    archives = plan_archives([network])
    build_store(tmp_path / "store", archives)
    image = np.random.default_rng(3).integers(0, 256, (1, 3, 8, 8), np.uint8)
    for folder in ("requests", "answers"):
        (tmp_path / folder).mkdir()
    (tmp_path / "requests" / PROBE).write_bytes(write_probe(4, 1))
    for archive in archives:
        identity = head_identity(network.graph.sha256, archive.name)
        request = write_frame(Frame(image, "negative", identity, "half"))
        (tmp_path / "requests" / archive.name).write_bytes(request)
    warm = next(archive for archive in archives if archive.warm)
    window = window_identity(network.graph.sha256, network.graph.source.name, warm.tensor.name)
    request = write_frame(Frame(image, "negative", window, "half"))
    (tmp_path / "requests" / "tiny").write_bytes(request)

    command = [sys.executable, "-I", str(SERVER), str(tmp_path), "made_up_codecs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr

    assert read_frame((tmp_path / "answers" / "tiny").read_bytes()).codec == "half"
    for archive in archives:
        answer = read_frame((tmp_path / "answers" / archive.name).read_bytes())
        head = network.segments.head(archive.exit_index, archive.partition_point)
        wanted = Segment(head).run(image)
        assert answer.codec == "half"
        np.testing.assert_allclose(answer.tensor, wanted, rtol=2e-3, atol=1e-4)


@pytest.mark.torchserve
def test_torchserve_answers_in_a_codec_that_an_archive_carries(network: Network, tmp_path: Path) -> None:
    """Its worker registers the codecs that the archive names; the package is nowhere on its path."""
    image = np.random.default_rng(4).integers(0, 256, (1, 3, 8, 8), np.uint8)
    with serving([network], tmp_path / "store") as edge, edge.workers(["tiny-p02"]):
        client, address = edge.client(), edge.address("tiny", "tiny-p02")
        request = client.write_request(address, image, "negative", "half", 0.0)
        frame = client.read_reply(address, client.exchange(address, request, Deadline.after(30)))
        client.close()
    assert frame.codec == "half"
    wanted = Segment(network.segments.head(1, 2)).run(image)
    np.testing.assert_allclose(frame.tensor, wanted, rtol=2e-3, atol=1e-4)


def test_an_archive_names_and_holds_what_its_spec_offers(
    network: Network, tiny_network: Network, tmp_path: Path
) -> None:
    """The package's Python files and no others; an archive of edgent's own codecs carries nothing else."""
    models = {
        "store": build_store(tmp_path / "store", plan_archives([network])),
        "plain": build_store(tmp_path / "plain", plan_archives([tiny_network])),
    }
    contents = []
    for store in ("store", "plain"):
        with zipfile.ZipFile(
            next(model.mar.path for model in models[store] if model.name == "tiny-p02")
        ) as archive:
            config = yaml.safe_load(archive.read("model-config.yaml"))
            contents.append((set(archive.namelist()), config["edgent"]["codecs"]))
    (names, codecs), (plain_names, plain_codecs) = contents
    assert names - plain_names == set(PACKAGE)
    assert codecs == {"negative": "made_up_codecs.codecs:NEGATIVE", "half": "made_up_codecs.codecs:HALF"}
    assert plain_codecs == {}


ONE_FILE = """
from edgent.core.codecs.raw import RawCodec
class Mine(RawCodec):
    name, number, carries = "mine", 222, ("input",)
"""


def test_a_module_of_one_file_is_carried(site: Path, codecs: CodecRegistry) -> None:
    """A codec that a program added is named by the variable that holds it."""
    module = _module(site, "made_up_module", f"{ONE_FILE}\nMINE = Mine()\n")
    codecs.add("mine", module.MINE)
    carried = carried_codecs(["raw", "mine", "uint8", "mine"])
    assert carried.references == {"mine": "made_up_module:MINE"}
    assert carried.files == {"made_up_module.py": (site / "made_up_module.py").read_bytes()}


def test_other_modules_of_a_distribution_are_carried_too(network: Network, installed: Path) -> None:
    """As far as they are Python files; a compiled one may be of no use to a codec."""
    (installed / "made_up_tables.py").write_text("HALF = 0.5\n")
    (installed / f"made_up_fast{importlib.machinery.EXTENSION_SUFFIXES[0]}").write_bytes(b"")
    record = [*PACKAGE, "made_up_tables.py", f"made_up_fast{importlib.machinery.EXTENSION_SUFFIXES[0]}"]
    described = installed / "made_up_codecs-1.0.dist-info"
    (described / "RECORD").write_text("".join(f"{name},,\n" for name in record))
    importlib.invalidate_caches()
    carried = carried_codecs(network.spec.codecs.activation)
    assert set(carried.files) == {*PACKAGE, "made_up_tables.py"}


def test_edgents_own_codecs_are_not_carried() -> None:
    """``edgent.core`` is in every archive anyway."""
    carried = carried_codecs(["raw", "webp", "jpeg", "float32", "uint8"])
    assert (carried.references, carried.files) == ({}, {})


def test_a_codec_of_a_notebook_cell_cannot_be_carried(codecs: CodecRegistry) -> None:
    """It has no file: the message says where to put it."""
    cell = {"name": "mine", "number": 222, "carries": ("input",), "__module__": "__main__"}
    codecs.add("mine", type("Mine", (RawCodec,), cell)())
    with pytest.raises(ArchiveError, match=r"notebook or in the program itself.*a module of its own"):
        carried_codecs(["mine"])


def test_a_codec_that_no_variable_holds_cannot_be_carried(site: Path, codecs: CodecRegistry) -> None:
    """An archive could not name it."""
    codecs.add("mine", _module(site, "made_up_module", ONE_FILE).Mine())
    with pytest.raises(ArchiveError, match=r"no variable of module made_up_module.*entry point"):
        carried_codecs(["mine"])


def test_a_package_with_a_compiled_module_cannot_be_carried(network: Network, installed: Path) -> None:
    """It would run on one kind of machine only."""
    compiled = installed / "made_up_codecs" / f"fast{importlib.machinery.EXTENSION_SUFFIXES[0]}"
    compiled.write_bytes(b"")
    with pytest.raises(ArchiveError, match="codec 'half': package made_up_codecs holds the compiled module"):
        carried_codecs(network.spec.codecs.activation)


def test_a_module_without_a_file_cannot_be_carried(
    codecs: CodecRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made, not imported."""
    module = type(sys)("made_up_thing")
    exec(f"{ONE_FILE}\nMINE = Mine()\n", vars(module))
    monkeypatch.setitem(sys.modules, "made_up_thing", module)
    codecs.add("mine", module.MINE)
    with pytest.raises(ArchiveError, match="module made_up_thing has no Python file"):
        carried_codecs(["mine"])


SURE = """
class Sureness:
    summary = "the square of the largest probability"

    def of(self, probabilities):
        return probabilities.max(axis=1) ** 2


SURENESS = Sureness()
"""
RULE = "exit_rule: {measure: sureness, loss: 0.1, confidence: 0.9}\n"


def test_a_measure_of_confidence_is_carried(
    site: Path, chain_network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pipeline's archive holds it, and asks exits by it where nobody has it installed."""
    monkeypatch.setattr(CONFIDENCES, "_items", dict(CONFIDENCES._items))
    CONFIDENCES.add("sureness", _module(site, "made_up_sureness", SURE).SURENESS)
    assert carried_measures(["margin", "sureness"]).references == {"sureness": "made_up_sureness:SURENESS"}
    spec = write_tiny_spec(tmp_path / "spec", chain_network)
    spec.write_text(spec.read_text() + RULE)
    network = Network.open(read_spec(spec), tmp_path / "cache")
    models = build_store(tmp_path / "store", plan_archives([network]))
    by_name = {model.name: model.mar.path for model in models}
    with zipfile.ZipFile(by_name["tiny"]) as archive:
        assert archive.read("made_up_sureness.py").decode() == SURE
    with zipfile.ZipFile(by_name["tiny-p02"]) as archive:
        assert "made_up_sureness.py" not in archive.namelist()  # a head asks nobody

    first, deepest = network.graph.paths
    fork, last = first.leaves_after, len(deepest.layers)
    branch, window = (
        window_identity(network.graph.sha256, path.cut_tensor(start), path.cut_tensor(stop))
        for path, start, stop in ((first, fork, len(first.layers)), (deepest, 0, last))
    )
    image = np.random.default_rng(3).integers(0, 256, (1, 3, 8, 8), np.uint8)
    to_ask = ExitsToAsk("sureness", (branch,), (0.0,))
    request = write_frame(Frame(image, "raw", window, "float32", exits=to_ask))
    monkeypatch.setattr(CONFIDENCES, "_items", {"margin": CONFIDENCES["margin"]})
    CONFIDENCES._added.discard("sureness")
    worker = Worker(by_name["tiny"], tmp_path)
    while True:
        status, body = worker.answer(request)
        assert status in {200, 425}, body
        if status == 200 and read_frame(body).exits is not None:
            break
    assert read_frame(body).exits == ExitsAsked(0, 0.0)


def test_a_measure_that_is_not_carried_imports_nothing() -> None:
    """A name from a stranger is looked for among what is there."""
    assert CONFIDENCES.is_loaded("margin")
    assert not CONFIDENCES.is_loaded("sureness")
