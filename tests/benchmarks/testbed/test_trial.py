"""A pipeline as a study runs it: specs with other sections, inputs, one run at a time."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.trial import (
    listed_codecs,
    open_trial,
    sample_inputs,
    trial_folder,
    write_changed,
    write_slowed_spec,
    write_trial_spec,
)
from edgent.errors import InputError
from edgent.latency.loading import load_costs
from edgent.spec import read_spec

LENET = Path(__file__).parents[3] / "pipelines" / "lenet.yaml"


def test_a_trial_offers_all_codecs_and_profiles_of_its_own(tmp_path: Path) -> None:
    """The network is the pipeline's; a local exit stands by only where a study says so."""
    pipeline = read_spec(LENET)
    network = open_trial(write_trial_spec(pipeline, tmp_path))
    spec = network.spec
    assert network.graph.sha256 == pipeline.model.sha256
    assert set(spec.codecs.input) == {"raw", "webp", "jpeg", "float32"}
    assert spec.regressors is not None
    assert spec.resolve(spec.regressors.device).parent == tmp_path
    assert not spec.device.hedge


def test_what_is_not_changed_is_the_pipelines(tmp_path: Path) -> None:
    """Its files are found from another folder, and a change of a change keeps the first."""
    first = write_changed(read_spec(LENET), tmp_path / "a" / "first.yaml", latency_requirement_ms=70)
    second = write_changed(read_spec(first), tmp_path / "b" / "second.yaml", device={"hedge": False})
    spec = read_spec(second)
    assert spec.latency_requirement_s == pytest.approx(0.07)
    assert not spec.device.hedge
    changed, usual = load_costs(open_trial(second)), load_costs(open_trial(first))
    assert [costs.exit for costs in changed.exits] == [costs.exit for costs in usual.exits]
    assert np.array_equal(changed.exits[0].tail_s, usual.exits[0].tail_s)


def test_photos_files_go_up_only_where_inputs_are_photos() -> None:
    """A study that gives pixels has no plan that it cannot carry out."""
    flowers = read_spec(LENET.with_name("flowers.yaml"))
    assert "file" in flowers.codecs.input
    with_files = listed_codecs(flowers, of_photos=True)["input"]
    assert with_files == list(flowers.codecs.input)
    assert listed_codecs(flowers)["input"] == [name for name in with_files if name != "file"]


def test_a_slowed_device_takes_so_many_times_as_long(tmp_path: Path) -> None:
    """Its segments do; the edge's are as they were."""
    pipeline = read_spec(LENET)
    slowed = load_costs(open_trial(write_slowed_spec(pipeline, tmp_path / "slowed", 20.0)))
    usual = load_costs(open_trial(write_changed(pipeline, tmp_path / "usual.yaml")))
    assert slowed.exits[-1].tail_s == pytest.approx(20 * usual.exits[-1].tail_s, rel=1e-3)
    assert np.array_equal(slowed.exits[-1].head_s, usual.exits[-1].head_s)


def test_a_pipeline_without_profiles_cannot_be_slowed_down(tiny_spec: Path, tmp_path: Path) -> None:
    """The message says what to name."""
    with pytest.raises(TestbedError, match="name profiles"):
        write_slowed_spec(read_spec(tiny_spec), tmp_path, 2.0)


def test_inputs_are_the_pipelines_own_samples(tiny_spec: Path) -> None:
    """As one array; a pipeline that names none says so."""
    pipeline = read_spec(LENET)
    inputs = sample_inputs(pipeline)
    assert inputs.shape[1:] == tuple(pipeline.input.shape)
    with pytest.raises(InputError, match=r"input\.samples"):
        sample_inputs(read_spec(tiny_spec))


def test_two_runs_do_not_share_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The profiles in it are of one run; afterwards the folder is free."""
    monkeypatch.chdir(tmp_path)
    pipeline = read_spec(LENET)
    with trial_folder("study", pipeline) as folder:
        assert folder == tmp_path / "runs" / "study" / "lenet"
        with pytest.raises(TestbedError, match="another run"), trial_folder("study", pipeline):
            pass
    with trial_folder("study", pipeline):
        pass
