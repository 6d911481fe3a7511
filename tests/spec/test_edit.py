"""Measured values go into a spec; everything else stays."""

import shutil
from pathlib import Path

import pytest

from edgent.errors import SpecError
from edgent.spec import read_spec
from edgent.spec.edit import write_values
from edgent.spec.yaml_lines import read_yaml

PIPELINES = Path(__file__).parents[2] / "pipelines"


@pytest.mark.parametrize("name", ["lenet", "alexnet"])
def test_only_the_written_values_change(name: str, tmp_path: Path) -> None:
    """Comments, order, quotes and layout of the shipped pipelines survive, line for line."""
    path = Path(shutil.copy(PIPELINES / f"{name}.yaml", tmp_path))
    before = path.read_text(encoding="utf-8").splitlines()
    write_values(path, {("model", "sha256"): "ab" * 32, ("exits", 1, "accuracy"): 0.1234})
    after = path.read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before)
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 2
    assert changed[0].split("#")[0].strip() == f"sha256: {'ab' * 32}"
    assert changed[1].strip() == "- {name: exit2, accuracy: 0.1234}"
    assert ("#" in changed[0]) == any("sha256" in line and "#" in line for line in before)
    spec = read_spec(path)
    assert (spec.model.sha256, spec.exits[1].accuracy) == ("ab" * 32, 0.1234)


def test_a_missing_section_is_added(tmp_path: Path) -> None:
    """At the end, on one line; nothing above it changes, comments included."""
    path = Path(shutil.copy(PIPELINES / "alexnet.yaml", tmp_path))
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line for line in text.splitlines() if "regressors" not in line) + "\n", "utf-8")
    before = path.read_text(encoding="utf-8")
    write_values(path, {("regressors", "device"): "a/device.yaml", ("regressors", "edge"): "a/edge.yaml"})
    added = "regressors: {device: a/device.yaml, edge: a/edge.yaml}\n"
    assert path.read_text(encoding="utf-8") == before + added
    spec = read_spec(path)
    assert spec.regressors is not None
    assert spec.regressors.edge == "a/edge.yaml"


@pytest.mark.parametrize("before", ["regressors: null   # not yet\n", "regressors:\n", ""])
def test_a_section_that_is_null_is_filled(tmp_path: Path, before: str) -> None:
    """A section that a spec names without content counts as missing."""
    path = tmp_path / "spec.yaml"
    path.write_text(f"version: 1\ntraining: null\n{before}", "utf-8")
    write_values(path, {("regressors", "device"): "device.yaml"})
    document = read_yaml(path).data
    assert document == {"version": 1, "training": None, "regressors": {"device": "device.yaml"}}


def test_labels_stay_as_they_are_written(tmp_path: Path) -> None:
    """An edit elsewhere leaves labels without quotes alone, which are text only by their place."""
    path = Path(shutil.copy(PIPELINES / "lenet.yaml", tmp_path))
    quoted = '["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]'
    bare = "[0, 007, 1e3, 0x1F, 1.50, yes, True, no, null, ~, NO]"
    path.write_text(path.read_text("utf-8").replace(quoted, bare), "utf-8")
    before = read_spec(path).input.labels
    write_values(path, {("exits", 1, "accuracy"): 1e-05})
    assert bare in path.read_text("utf-8")
    spec = read_spec(path)
    assert (
        spec.input.labels
        == before
        == ("0", "007", "1e3", "0x1F", "1.50", "yes", "True", "no", "null", "~", "NO")
    )
    assert spec.exits[1].accuracy == 1e-05


def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path: Path) -> None:
    """The file that the link leads to is written, for those who might read it before."""
    file = Path(shutil.copy(PIPELINES / "lenet.yaml", tmp_path / "lenet.yaml"))
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    write_values(link, {("exits", 1, "accuracy"): 0.25})
    assert link.is_symlink()
    assert read_spec(file).exits[1].accuracy == 0.25
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(tmp_path.iterdir()) == [file, link]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(SpecError, match=r"gone.yaml: cannot be written"):
        write_values(tmp_path / "gone.yaml", {})
