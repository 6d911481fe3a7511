"""``edgent evaluate --exit-rule``: thresholds beside the spec, and a sentence on what is sure of them."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.accuracy.exit_rule_file import CalibratedRule, ExitThreshold, SureInputs, read_exit_rule
from edgent.errors import SpecError
from edgent.generated_file import Provenance
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


def test_a_rule_is_found_written_and_explained(edgent: Run, lenet: Path) -> None:
    """The codecs' accuracies stay; the spec's own wishes hold the next time."""
    before = read_spec(lenet)
    assert before.codecs.accuracy is not None
    accuracies = before.resolve(before.codecs.accuracy).read_bytes()
    done = edgent("evaluate", lenet, "--exit-rule", "--loss", 0.02, "--confidence-measure", "margin")
    assert done.code == 0, done.errors
    assert "Another sample of 360 inputs loses, with 0.95 confidence, at most 0.02 of accuracy" in done.output
    assert "against exit2 by leaving early; these lose 0.00" in done.output
    spec = read_spec(lenet)
    assert spec.exit_rule is not None
    assert (spec.exit_rule.measure, spec.exit_rule.loss, spec.exit_rule.file) == (
        "margin",
        0.02,
        "lenet/exit_rule.yaml",
    )
    assert spec.resolve(before.codecs.accuracy).read_bytes() == accuracies
    found = read_exit_rule(spec, Network.open(spec).graph.sha256)
    assert found is not None
    assert f"{found.rule.thresholds['exit1']:.6g}" in done.output
    assert f"{found.leaving('exit2')[0].share:.1%}" in done.output
    again = edgent("evaluate", lenet, "--exit-rule")
    assert again.code == 0, again.errors
    assert "at most 0.02 of accuracy" in again.output


def test_what_a_rule_costs_and_saves_is_drawn(edgent: Run, lenet: Path, tmp_path: Path) -> None:
    """From the answers that it is found on; where nothing leaves early, too."""
    for name, options in (("rule.png", ("--loss", 0.02)), ("none.png", ("--loss", 1e-4))):
        figure = tmp_path / name
        done = edgent("evaluate", lenet, "--exit-rule", *options, "--plot", figure)
        assert done.code == 0, done.errors
        assert "written" in done.output
        assert figure.stat().st_size > 1000


def test_too_few_inputs_are_said_with_how_many_it_takes(edgent: Run, lenet: Path) -> None:
    """A rule that never lets anything leave is not written, and one that was found before stays."""
    assert edgent("evaluate", lenet, "--exit-rule", "--loss", 0.02).code == 0
    before, rule = lenet.read_bytes(), lenet.parent / "lenet" / "exit_rule.yaml"
    found_before = rule.read_bytes()
    done = edgent("evaluate", lenet, "--exit-rule", "--loss", 0.005)
    assert done.code == 0, done.errors
    assert "Nothing is written: the spec stays as it is" in done.output
    assert (lenet.read_bytes(), rule.read_bytes()) == (before, found_before)
    assert "never" in done.output
    assert (
        "Nothing leaves early: 360 inputs are too few to say with 0.95 confidence that no more than 0.005 of "
        "accuracy is lost; that takes 919 at least." in done.output
    )


def test_each_spec_keeps_a_rule_of_its_own(edgent: Run, lenet: Path) -> None:
    """A copy of a spec names its rule, too; found anew for the copy, it is written elsewhere and said."""
    assert edgent("evaluate", lenet, "--exit-rule", "--loss", 0.02).code == 0
    rule, copy = lenet.parent / "lenet" / "exit_rule.yaml", lenet.with_name("patient.yaml")
    found_before = rule.read_bytes()
    copy.write_bytes(lenet.read_bytes())
    done = edgent("evaluate", copy, "--exit-rule", "--loss", 0.05)
    assert done.code == 0, done.errors
    assert f"{rule} is the rule of {lenet.resolve()} and stays as it is" in done.output
    assert rule.read_bytes() == found_before
    section = read_spec(copy).exit_rule
    assert section is not None
    assert (section.loss, section.file) == (0.05, "lenet/exit_rule-patient.yaml")
    for spec in (lenet, copy):
        assert edgent("plan", spec, "--bandwidth-kbps", 1, "--latency-ms", 1000).code == 0
    again = edgent("evaluate", copy, "--exit-rule")
    assert "stays as it is" not in again.output


def test_a_rule_is_written_over_nothing_else(edgent: Run, lenet: Path) -> None:
    """Not over a profile, notes, a network, or the spec itself; before anything is measured."""
    found = lenet.parent / "lenet"
    (found / "notes.yaml").write_text("mine: true\n", encoding="utf-8")
    for name in ("lenet/device.yaml", "lenet/notes.yaml", "lenet/network.onnx", lenet.name):
        file = lenet.parent / name
        if not file.exists():
            file.write_bytes(b"\x08\x09")
        before = file.read_bytes()
        copy = lenet.with_name("careless.yaml")
        copy.write_text(
            f"{lenet.read_text(encoding='utf-8')}\nexit_rule: {{file: {name}}}\n", encoding="utf-8"
        )
        done = edgent("evaluate", copy, "--exit-rule", "--loss", 0.02)
        assert (done.code, done.output) == (2, "")
        assert "is not written over: name another file in exit_rule.file" in done.errors
        assert file.read_bytes() == before


def test_a_spec_that_cannot_be_written_keeps_its_rule(
    edgent: Run, lenet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both change, or neither."""
    assert edgent("evaluate", lenet, "--exit-rule", "--loss", 0.02).code == 0
    rule = lenet.parent / "lenet" / "exit_rule.yaml"
    before = rule.read_bytes()

    def refuse(path: Path, _values: object) -> None:
        raise SpecError(f"{path}: cannot be written: Permission denied")

    monkeypatch.setattr("edgent.spec.edit.write_values", refuse)
    done = edgent("evaluate", lenet, "--exit-rule", "--loss", 0.05)
    assert done.code == 2
    assert f"Permission denied; the rule in {rule} stays as it was" in done.errors
    assert rule.read_bytes() == before
    rule.unlink()
    assert "no rule is written" in edgent("evaluate", lenet, "--exit-rule", "--loss", 0.05).errors
    assert not rule.exists()


def test_plans_leave_early(edgent: Run, lenet: Path) -> None:
    """Device-only most digits are spared the rest of the way, and the worst one pays for the branch."""
    assert edgent("evaluate", lenet, "--exit-rule", "--loss", 0.02).code == 0
    link = ("--bandwidth-kbps", 1, "--latency-ms", 1000)
    done = edgent("plan", lenet, *link, "--explain")
    assert "Plans whose inputs may leave at exits on the way" in done.output
    early = done.output[done.output.index("Plans whose inputs") :].splitlines()
    table = list(takewhile(lambda line: not line.lstrip().startswith("times in ms"), early))
    assert all(len(line.rstrip()) <= 80 for line in table)
    assert "That is where no exit on the way is sure: in the mean inputs take" in done.output
    assert "edgent profile" in done.output  # the pieces between exits were not measured
    found = json.loads(edgent("plan", lenet, *link, "--json").output)
    mean = found["in_the_mean"]
    assert found["plan"] == "exit2:p0+early"
    assert mean["latency_s"] < found["latency_s"]
    assert found["parts"]["ask_device_s"] > 0
    assert mean["device_s"] == pytest.approx(mean["latency_s"])
    assert mean["edge_s"] == mean["upload_bytes"] == mean["download_bytes"] == mean["asks_edge"] == 0
    paper = json.loads(edgent("plan", lenet, *link, "--json", "--algorithm", "paper").output)
    assert paper["in_the_mean"] is None


def test_pieces_between_exits_are_profiled(edgent: Run, lenet: Path) -> None:
    """And added to a complete profile; then nothing of an early plan on the device is a prediction."""
    assert edgent("evaluate", lenet, "--exit-rule", "--loss", 0.02).code == 0
    for options in ((), ("--resume",)):
        assert edgent("profile", lenet, "--node", "device", "--budget-s", 0.1, *options).code == 0
    done = edgent("plan", lenet, "--bandwidth-kbps", 1, "--latency-ms", 1000)
    assert "on the device is predicted" not in done.output
    assert "on the edge is predicted" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--loss", 0.01), "--loss belongs to an exit rule: give --exit-rule as well"),
        (("--confidence-measure", "margin"), "--confidence-measure belongs to an exit rule"),
        (("--exit-rule", "--loss", 1.5), "exit rule: loss 1.5: input should be less than 1"),
        (("--exit-rule", "--confidence", 0.2), "exit rule: confidence 0.2: input should be greater than or"),
        (("--exit-rule", "--confidence-measure", "entrop"), "did you mean 'entropy'?"),
        (("--exit-rule", "--measure", "cosine"), "measure cosine: an exit rule counts answers"),
    ],
)
def test_mistakes_end_in_a_sentence(
    edgent: Run, lenet: Path, options: tuple[object, ...], message: str
) -> None:
    """And nothing is written."""
    before = lenet.read_bytes()
    done = edgent("evaluate", lenet, *options)
    assert (done.code, done.output) == (2, "")
    assert message in done.errors
    assert lenet.read_bytes() == before


def test_a_rule_that_is_out_of_date_is_said(edgent_device: Run, lenet: Path, tmp_path: Path) -> None:
    """Every input leaves early, where none of the held-out ones did: in one line, and in one of JSON."""
    network = Network.open(read_spec(lenet))
    exits = (ExitThreshold("exit1", 0.0), ExitThreshold("exit2", None))
    together = (SureInputs((), 500, (400, 450)),)
    made_by = Provenance.here_and_now(network.graph.sha256, "a test")
    rule = CalibratedRule(made_by, "entropy", 0.1, 0.9, 500, "accuracy", exits, together)
    rule.write(lenet.with_name("rule.yaml"))
    section = "exit_rule: {measure: entropy, loss: 0.1, confidence: 0.9, file: rule.yaml}\n"
    lenet.write_text(lenet.read_text(encoding="utf-8") + section, encoding="utf-8")
    np.save(tmp_path / "images.npy", np.zeros((12, 1, 28, 28), np.uint8))
    arguments = ("--pipeline", lenet, "--input", tmp_path / "images.npy", "--plan", "exit2:p0+early")
    done = edgent_device(*arguments)
    assert done.code == 0, done.errors
    assert done.errors.count("exit rule out of date: of ") == 1
    assert (
        "inputs that came to exit1, 100.0% left there early, of the 500 held-out ones 0.0% did" in done.errors
    )
    said = [json.loads(line)["drift"] for line in edgent_device(*arguments, "--json").output.splitlines()]
    assert len(list(filter(None, said))) == 1
