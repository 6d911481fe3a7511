"""Archives: the same bytes every time, a manifest that tells the truth, nothing stale left behind."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import onnx
import pytest
import yaml

from edgent.core.probe import PROBE
from edgent.core.segment import Segment
from edgent.core.served_version import served_version
from edgent.core.wire import head_identity
from edgent.edge.manifest import MANIFEST, read_store
from edgent.edge.mar import mar_file, write_mar
from edgent.edge.store import build_store, other_versions, plan_archives
from edgent.errors import ArchiveError, ModelError
from edgent.network import Network
from edgent.spec import read_spec
from tests.networks import before_version_4
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from edgent.edge.configuration import ServedModel

PIPELINES = Path(__file__).parents[2] / "pipelines"


def _digests(store: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(store.glob("*.mar"))}


@pytest.mark.parametrize("name", ["lenet", "alexnet"])
def test_archives_are_the_same_bytes_every_time(name: str, tmp_path: Path) -> None:
    """Built here, and by the command elsewhere: other folder, cache, umask, time zone, hash seed."""
    spec = PIPELINES / f"{name}.yaml"
    network = Network.open(read_spec(spec), tmp_path / "cache")
    there = tmp_path / "elsewhere" / "store"
    there.parent.mkdir()
    code = "import os; os.umask(0o077); from edgent.cli import main; main()"
    environment = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path / "other cache"),
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "99",
        "LC_ALL": "C",
        "SOURCE_DATE_EPOCH": "1",
    }
    subprocess.run(
        [sys.executable, "-c", code, "archive", str(spec), "--all", "--store", str(there)],
        cwd=there.parent,
        env=environment,
        check=True,
        capture_output=True,
        timeout=240,
    )
    warm = {model.name for model in read_store(there) if model.workers}
    build_store(tmp_path / "here", plan_archives([network], warm))
    here = _digests(tmp_path / "here")
    assert here == _digests(there)
    assert len(here) == len(network.graph.heads()) + 2


def test_the_manifest_tells_the_truth(tiny_network: Network, tmp_path: Path) -> None:
    """Every archive with its size and digest, and which model they are of."""
    models = build_store(tmp_path, plan_archives([tiny_network]))
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert manifest["model_sha256"] == {"tiny": tiny_network.graph.sha256}
    listed = {mar_file(entry["name"], entry["version"]): entry for entry in manifest["archives"]}
    assert sorted(listed) == sorted(path.name for path in tmp_path.glob("*.mar"))
    for name, entry in listed.items():
        content = (tmp_path / name).read_bytes()
        assert entry["size_bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert read_store(tmp_path) == models


def test_an_archive_says_what_it_is(tiny_network: Network, tmp_path: Path) -> None:
    """Its configuration names head, identity and digests; no workers, which would override a snapshot's."""
    models = {model.name: model for model in build_store(tmp_path, plan_archives([tiny_network]))}
    version = served_version(tiny_network.graph.sha256)
    for head in tiny_network.graph.heads():
        name = head.name("tiny")
        assert models[name].mar.path.name == f"{name}-{version}.mar"
        with zipfile.ZipFile(models[name].mar.path) as archive:
            config = yaml.safe_load(archive.read("model-config.yaml"))
            onnx = archive.read("head.onnx")
            manifest = json.loads(archive.read("MAR-INF/MANIFEST.json"))
        assert (manifest["model"]["modelName"], manifest["model"]["modelVersion"]) == (name, version)
        assert models[name].endpoint == f"{name}/{version}"
        assert not {"minWorkers", "maxWorkers"} & set(config)
        ours = config["edgent"]
        assert ours["head"] == name
        assert ours["identity"] == head_identity(tiny_network.graph.sha256, name).hex()
        assert ours["model_sha256"] == tiny_network.graph.sha256
        assert ours["onnx_sha256"] == hashlib.sha256(onnx).hexdigest()


def test_the_pipelines_archive_says_what_it_is(tiny_network: Network, tmp_path: Path) -> None:
    """Its files with their digests, the memory it may take, and the windows that the warm heads are."""
    models = {model.name: model for model in build_store(tmp_path, plan_archives([tiny_network]))}
    with zipfile.ZipFile(models["tiny"].mar.path) as archive:
        ours = yaml.safe_load(archive.read("model-config.yaml"))["edgent"]
        digests = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in ours["files"]}
    assert ours["files"] == digests
    assert sorted(digests) == ["layers.bin", "weights-1.bin"]
    assert (ours["pipeline"], ours["model_sha256"]) == ("tiny", tiny_network.graph.sha256)
    assert ours["warm"] == [["image", "exit1"], ["image", "exit2"]]
    assert ours["memory_bytes"] == 64 * 1024 * 1024
    assert models["tiny"].workers == 1


def test_workers_of_the_pipelines_archive(tiny_network: Network, tmp_path: Path) -> None:
    """As many as are asked for, in the manifest, too; heads and the probe keep theirs."""
    usual = {model.name: model.workers for model in build_store(tmp_path, plan_archives([tiny_network]))}
    models = build_store(tmp_path, plan_archives([tiny_network]), workers=4)
    assert {model.name: model.workers for model in models} == usual | {"tiny": 4}
    assert read_store(tmp_path) == models


def test_what_the_spec_says_of_the_edge_reaches_archives(tiny_spec: Path, tmp_path: Path) -> None:
    """Threads and batches, in every archive and in the manifest; the probe stays as it is."""
    edge = "edge: {threads: 2, batch_size: 8, max_batch_delay_ms: 5}\n"
    shutil.copy(tiny_spec.with_name("network.onnx"), tmp_path)
    (tmp_path / "tiny.yaml").write_text(tiny_spec.read_text(encoding="utf-8") + edge, encoding="utf-8")
    network = Network.open(read_spec(tmp_path / "tiny.yaml"), tmp_path / "cache")
    models = build_store(tmp_path / "store", plan_archives([network]))
    assert read_store(tmp_path / "store") == models
    for model in models:
        expected = (1, 1) if model.name == PROBE else (8, 5)
        assert (model.batch_size, model.max_batch_delay_ms) == expected
        with zipfile.ZipFile(model.mar.path) as archive:
            config = yaml.safe_load(archive.read("model-config.yaml"))
        assert (config["batchSize"], config["maxBatchDelay"]) == expected
        assert config.get("edgent", {"threads": 2})["threads"] == 2


def test_a_pipeline_named_as_a_head_of_another(tiny_spec: Path, tmp_path: Path) -> None:
    """Their archives would have one name."""
    text = tiny_spec.read_text(encoding="utf-8")
    shutil.copy(tiny_spec.with_name("network.onnx"), tmp_path)
    networks = []
    for name in ("tiny", "tiny-p02"):
        spec = tmp_path / f"{name}.yaml"
        spec.write_text(text.replace("name: tiny", f"name: {name}"), encoding="utf-8")
        networks.append(Network.open(read_spec(spec), tmp_path / "cache"))
    with pytest.raises(ArchiveError, match="pipeline tiny-p02 is named as a head of tiny; rename one"):
        plan_archives(networks)


def test_edge_only_heads_are_warm(tiny_network: Network) -> None:
    """Without a configuration map the heads of edge-only plans have a worker; else those named."""
    warm = [archive.name for archive in plan_archives([tiny_network]) if archive.warm]
    assert warm == ["tiny-exit1-p06", "tiny-exit2-p08"]
    named = [archive.name for archive in plan_archives([tiny_network], warm={"tiny-p03"}) if archive.warm]
    assert named == ["tiny-p03"]


def test_stale_archives_go_and_strangers_stay(
    tiny_network: Network, residual_network: Path, tmp_path: Path
) -> None:
    """What an earlier build made and this one does not is removed; a file that is not ours is not touched."""
    store = tmp_path / "store"
    build_store(store, plan_archives([tiny_network]))
    (store / "stranger.mar").write_bytes(b"not ours")
    (store / "README.md").write_text("stays")
    other = Network.open(
        read_spec(write_tiny_spec(tmp_path / "o", residual_network, "other")), tmp_path / "c"
    )
    models = build_store(store, plan_archives([other]))
    kept = {path.name for path in store.iterdir()}
    assert kept == {model.mar.path.name for model in models} | {
        "stranger.mar", "README.md", MANIFEST, "config.properties", "log4j2.xml"
    }  # fmt: skip


def test_what_is_not_ours_is_not_overwritten(tiny_network: Network, tmp_path: Path) -> None:
    """Neither an archive of somebody else's nor a server's own configuration, and nothing is written then."""
    heads = plan_archives([tiny_network])[:1]
    names = [model.mar.path.name for model in build_store(tmp_path / "first", heads)]
    for name in (*names, "config.properties"):
        store = tmp_path / f"store with {name}"
        store.mkdir()
        (store / name).write_bytes(b"inference_address=http://127.0.0.1:8080\n")
        with pytest.raises(ArchiveError, match=r"is not overwritten: .*name another folder with --store"):
            build_store(store, heads)
        assert [path.name for path in store.iterdir()] == [name]
    build_store(store, heads, configure=False)
    assert (store / "config.properties").read_bytes().startswith(b"inference_address")


def test_archives_without_their_manifest_are_built_again(tiny_network: Network, tmp_path: Path) -> None:
    """They are ours, as a build that was interrupted leaves them; so is a damaged one that is listed."""
    heads = plan_archives([tiny_network])[:1]
    models = build_store(tmp_path, heads)
    (tmp_path / MANIFEST).unlink()
    assert build_store(tmp_path, heads) == models
    models[0].mar.path.write_bytes(b"damaged")
    assert build_store(tmp_path, heads) == models


def test_what_lies_in_the_place_of_a_stale_archive_stays(
    tiny_network: Network, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is listed, and no archive of ours: it is named."""
    heads = plan_archives([tiny_network])
    stale = build_store(tmp_path, heads[:2])[2].mar.path
    stale.write_bytes(b"not ours")
    build_store(tmp_path, heads[:1])
    assert stale.read_bytes() == b"not ours"
    assert f"{stale} is no archive of edgent's" in caplog.text


def test_another_version_stays_beside_the_new_one(
    tiny_network: Network, retrained_spec: Path, tmp_path: Path
) -> None:
    """With the workers that it had; a head that this build of the same version leaves out goes."""
    store = tmp_path / "store"
    old = build_store(store, plan_archives([tiny_network]))
    retrained = Network.open(read_spec(retrained_spec), tmp_path / "cache")
    new = build_store(store, plan_archives([retrained], {"tiny-p02"}))
    assert read_store(store) == new
    assert new[len(old) :] == old[:-1]  # the probe is of no version
    assert other_versions(new, [retrained]) == old[:-1]
    heads = plan_archives([retrained], {"tiny-p02"})[:2]
    (old[1].mar.path).unlink()
    again = build_store(store, heads)
    assert again[4:] == [old[0], *old[2:-1]]
    assert {path.name for path in store.glob("*.mar")} == {model.mar.path.name for model in again}
    assert len(build_store(store, heads, replace=True)) == 4
    assert len(list(store.glob("*.mar"))) == 4


@pytest.mark.parametrize("text", ["", "{", "[]", '{"archives": [{}]}', '{"archives": 3}', "null"])
def test_a_broken_manifest(tiny_network: Network, tmp_path: Path, text: str) -> None:
    """Serving from it is refused with what to do; building again does exactly that and works."""
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ArchiveError, match="run `make archive`"):
        read_store(tmp_path)
    models = build_store(tmp_path, plan_archives([tiny_network]))
    assert read_store(tmp_path) == models


def test_no_manifest(tmp_path: Path) -> None:
    """Nothing was built yet."""
    with pytest.raises(ArchiveError, match="run `make archive`"):
        read_store(tmp_path / "missing")


def test_two_pipelines_of_one_name(tiny_network: Network) -> None:
    """Their heads would have the same names."""
    with pytest.raises(ArchiveError, match="have the same name: tiny, tiny"):
        plan_archives([tiny_network, tiny_network])


def test_a_store_that_cannot_be(tiny_network: Network, tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "store").write_text("a file")
    with pytest.raises(ArchiveError, match="store"):
        build_store(tmp_path / "store", plan_archives([tiny_network]))


def test_progress_is_told(tiny_network: Network, tmp_path: Path) -> None:
    """Each archive by name when it stands, the probe last."""
    built: list[str] = []

    def note(name: str) -> None:
        assert len(list(tmp_path.glob(f"{name}*.mar"))) > 0
        built.append(name)

    models: list[ServedModel] = build_store(tmp_path, plan_archives([tiny_network]), note)
    assert built == [model.name for model in models]
    assert built[-1] == PROBE


def test_an_unfinished_archive_never_has_the_name(tmp_path: Path) -> None:
    """Content that cannot be written leaves the archive that was there."""
    path = tmp_path / "one.mar"
    good = write_mar(path, {"a": b"1"})
    with pytest.raises(TypeError):
        write_mar(path, {"a": b"1", "b": None})  # type: ignore[dict-item]  # what cannot be written
    assert list(tmp_path.iterdir()) == [path]  # a full disk gets its room back
    assert hashlib.sha256(path.read_bytes()).hexdigest() == good.sha256


def test_files_of_an_archive_have_no_time_no_owner_and_one_order(tmp_path: Path) -> None:
    """Order of the dictionary, clock and umask leave no trace."""
    first = write_mar(tmp_path / "a.mar", {"b": b"2", "a": b"1"})
    second = write_mar(tmp_path / "b.mar", {"a": b"1", "b": b"2"})
    assert first.sha256 == second.sha256
    with zipfile.ZipFile(first.path) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o644
            assert entry.compress_type == zipfile.ZIP_DEFLATED


def test_weights_are_stored_and_code_is_deflated(tiny_network: Network, tmp_path: Path) -> None:
    """What hardly shrinks costs no time; what is not the network takes a third of its size."""
    for model in build_store(tmp_path, plan_archives([tiny_network])):
        with zipfile.ZipFile(model.mar.path) as archive:
            entries = archive.infolist()
        stored = {entry.filename for entry in entries if entry.compress_type == zipfile.ZIP_STORED}
        assert stored == {"tiny": {"weights-1.bin"}, PROBE: set()}.get(model.name, {"head.onnx"})
        code = [entry for entry in entries if entry.filename.endswith(".py")]
        assert sum(entry.compress_size for entry in code) < 0.45 * sum(entry.file_size for entry in code)


def test_archives_of_a_network_before_ir_version_4(chain_network: Path, tmp_path: Path) -> None:
    """Its weights are inputs, too; its heads are of a version in which they are not, and are loaded."""
    spec = write_tiny_spec(tmp_path / "old", before_version_4(chain_network, tmp_path / "old.onnx"))
    network = Network.open(read_spec(spec), tmp_path)
    models = build_store(tmp_path / "store", plan_archives([network]))
    assert len(models) == len(network.graph.heads()) + 2
    for model in models[1:-1]:
        with zipfile.ZipFile(model.mar.path) as archive:
            assert Segment(archive.read("head.onnx")).input_shape == (3, 8, 8)


def test_no_archives_of_what_onnxruntime_does_not_load(chain_network: Path, tmp_path: Path) -> None:
    """The device's first tail would fail: it is said before anything is written."""
    model = onnx.load(chain_network)
    model.graph.node[3].domain = "org.example"
    model.opset_import.append(onnx.helper.make_opsetid("org.example", 1))
    onnx.save(model, tmp_path / "unknown.onnx")
    network = Network.open(read_spec(write_tiny_spec(tmp_path / "spec", tmp_path / "unknown.onnx")), tmp_path)
    with pytest.raises(ModelError, match=r"network\.onnx: onnxruntime cannot load.*upgrade onnxruntime"):
        build_store(tmp_path / "store", plan_archives([network]))
    assert not (tmp_path / "store").exists()
