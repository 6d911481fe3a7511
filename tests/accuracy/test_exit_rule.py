"""An exit rule of the shipped LeNet, found on its held-out digits, and the file that keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from edgent.accuracy.codec_comparison import through_codec
from edgent.accuracy.exit_rule_evaluation import find_exit_rule
from edgent.accuracy.exit_rule_file import CalibratedRule, ExitThreshold, SureInputs, read_exit_rule
from edgent.core.codecs.codec import INPUT
from edgent.core.segment import Segment
from edgent.errors import SpecError, StaleFileError
from edgent.exits.rules.calibration import Bound
from edgent.generated_file import Provenance
from edgent.inputs.labelled import Labelled
from edgent.network import Network
from edgent.shipped import shipped_folder
from edgent.spec import read_spec
from edgent.spec.exit_rule_section import ExitRuleSection

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.datasets.dataset import Split


@pytest.fixture(scope="module")
def lenet(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The shipped LeNet."""
    spec = read_spec(shipped_folder("pipelines") / "lenet.yaml")
    return Network.open(spec, tmp_path_factory.mktemp("lenet"))


@pytest.fixture(scope="module")
def found(lenet: Network, digits: Split) -> CalibratedRule:
    """A rule that may cost two points."""
    inputs = Labelled.of(digits.images, digits.labels)
    return find_exit_rule(lenet, inputs, "accuracy", "entropy", Bound(0.02, 0.95))


def test_what_is_kept_is_what_the_rule_does(lenet: Network, digits: Split, found: CalibratedRule) -> None:
    """Done over again with the rule alone: the answers of the whole paths, and who leaves."""
    early, last = (Segment(lenet.segments.tail(index, 0)).run(digits.images) for index in (0, 1))
    leaves = found.rule.leaves("exit1", early)
    assert 0.5 < leaves.mean() < 1
    answers = np.where(leaves[:, None], early, last)
    accuracy, plain = (float(np.mean(given.argmax(axis=1) == digits.labels)) for given in (answers, last))
    shares = [one.share for one in found.leaving("exit2")]
    assert shares == pytest.approx([leaves.mean(), 1 - leaves.mean()])
    assert found.accuracy("exit2") == pytest.approx(accuracy)
    assert found.lost("exit2") == pytest.approx(plain - accuracy)
    assert found.lost("exit2") < 0.02
    assert [one.share for one in found.leaving("exit1")] == [1.0]
    assert found.lost("exit1") == 0
    assert (found.inputs, found.scored_by, found.measure) == (360, "accuracy", "entropy")


def test_a_rule_may_ask_fewer_exits(lenet: Network, found: CalibratedRule) -> None:
    """The others have no threshold then, and nothing leaves there."""
    silent = found.asking(())
    assert silent.rule.thresholds == {}
    assert silent.checked_by_codec(lenet.graph.paths) == {"raw": ()}
    assert found.asking({"exit1"}) == found


def test_lossy_codecs_have_thresholds_of_their_own(lenet: Network, digits: Split) -> None:
    """The same inputs, as the edge would read them; each with the loss that was asked for."""
    codecs = lenet.spec.codecs.model_copy(update={"input": ("raw", "jpeg")})
    lossy = replace(lenet, spec=lenet.spec.model_copy(update={"codecs": codecs}))
    inputs = Labelled.of(digits.images, digits.labels)
    found = find_exit_rule(lossy, inputs, "accuracy", "entropy", Bound(0.02, 0.95))
    assert found.codecs.keys() == {"jpeg"}
    behind = found.behind("jpeg")
    early, last = (
        Segment(lossy.segments.tail(index, 0)).run(through_codec(digits.images, "jpeg", INPUT)[0])
        for index in (0, 1)
    )
    leaves = behind.rule.leaves("exit1", early)
    assert [one.share for one in behind.leaving("exit2")] == pytest.approx([leaves.mean(), 1 - leaves.mean()])
    right = np.where(leaves, early.argmax(axis=1), last.argmax(axis=1)) == digits.labels
    assert behind.accuracy("exit2") == pytest.approx(float(right.mean()))
    assert behind.lost("exit2") < 0.02
    (checked,) = found.checked_by_codec(lossy.graph.paths)["jpeg"]
    assert checked.share == pytest.approx(float(leaves.mean()))
    assert checked.lost["exit2"] == pytest.approx(behind.lost("exit2"))
    assert found.behind("webp") is found


def test_too_few_inputs_keep_everything_on_its_way(lenet: Network, digits: Split) -> None:
    """A stricter bound on the same digits, of which 919 would be needed."""
    inputs = Labelled.of(digits.images, digits.labels)
    found = find_exit_rule(lenet, inputs, "accuracy", "margin", Bound(0.005, 0.95))
    assert found.rule.thresholds == {}
    assert [one.share for one in found.leaving("exit2")] == [0.0, 1.0]


def test_without_labels_agreement_counts(lenet: Network, digits: Split) -> None:
    """With the deepest exit, which agrees with itself."""
    found = find_exit_rule(lenet, Labelled.of(digits.images), "agreement", "margin", Bound(0.02, 0.95))
    assert found.accuracy("exit2", ()) == 1
    assert found.rule.thresholds.keys() == {"exit1"}
    assert 0 <= found.lost("exit2") < 0.02


def test_scores_must_be_counted(lenet: Network, digits: Split) -> None:
    """A cosine is neither right nor wrong; arrays are no classes."""
    inputs, bound = Labelled.of(digits.images), Bound(0.02, 0.95)
    with pytest.raises(SpecError, match="measure cosine: an exit rule counts answers: name accuracy or agr"):
        find_exit_rule(lenet, inputs, "cosine", "margin", bound)
    arrays = replace(lenet, spec=lenet.spec.model_copy(update={"output": "tensor"}))
    with pytest.raises(SpecError, match="an exit rule needs exits that give classes"):
        find_exit_rule(arrays, inputs, "agreement", "margin", bound)
    single = replace(lenet, spec=lenet.spec.model_copy(update={"exits": lenet.spec.exits[1:]}))
    with pytest.raises(SpecError, match="an exit rule needs earlier ones"):
        find_exit_rule(single, inputs, "agreement", "margin", bound)


def test_the_file_is_read_as_it_was_written(lenet: Network, found: CalibratedRule, tmp_path: Path) -> None:
    """Where the spec asks for this rule of this model; anything else is refused with the command to run."""
    file, sha256 = tmp_path / "rule.yaml", lenet.graph.sha256
    found.write(file)
    asked = ExitRuleSection(measure="entropy", loss=0.02, confidence=0.95, file=str(file))

    def read(section: ExitRuleSection | None, model: str = sha256) -> CalibratedRule | None:
        return read_exit_rule(lenet.spec.model_copy(update={"exit_rule": section}), model)

    assert read(asked) == found
    assert read(None) is None
    with pytest.raises(StaleFileError, match=r"has no thresholds yet; run `edgent evaluate .* --exit-rule`"):
        read(asked.model_copy(update={"file": None}))
    with pytest.raises(StaleFileError, match=r"made for loss 0.02, the spec asks for 0.01; run `edgent"):
        read(asked.model_copy(update={"loss": 0.01}))
    with pytest.raises(StaleFileError, match="made for measure entropy, the spec asks for margin"):
        read(asked.model_copy(update={"measure": "margin"}))
    with pytest.raises(StaleFileError, match="made for a model with sha256"):
        read(asked, "0" * 64)
    written = file.read_text(encoding="utf-8")
    file.write_text(written.replace("inputs: 360", "inputs: 361"), encoding="utf-8")
    with pytest.raises(StaleFileError, match="360 inputs in all, where the rule was found on 361"):
        read(asked)
    file.write_text(written.replace("right: [", "right: [999, "), encoding="utf-8")
    with pytest.raises(StaleFileError, match=r"together\.0\.right: one count for each of 2 exits"):
        read(asked)


def _one(sure: tuple[str, ...] = ("exit1",), right: tuple[int, ...] = (9, 9)) -> tuple[SureInputs, ...]:
    """Ten inputs of which the same exits are sure."""
    return (SureInputs(sure, 10, right),)


_EXITS = (ExitThreshold("exit1", 0.5), ExitThreshold("exit2", None))
_DAMAGES: list[tuple[dict[str, Any], str]] = [
    ({"together": [{"sure": [], "inputs": 9, "right": [1, 1]}]}, "together: 9 inputs in all, .* found on 10"),
    ({"together": _one(right=(9,))}, r"together\.0\.right: one count for each of 2 exits, .*, not \[9\]"),
    ({"exits": (), "together": _one(right=())}, "exits: none, where the network's are, .*, exit1, exit2"),
    ({"exits": _EXITS[::-1]}, "exits: exit2, exit1, where the network's are, shallow to deep, exit1, exit2"),
    ({"exits": (_EXITS[0],) * 2}, "exits: exit1, exit1, where the network's are, .*, exit1, exit2"),
    ({"exits": (ExitThreshold("a", 0.5), _EXITS[1])}, "exits: a, exit2, where the network's are"),
    (
        {"exits": (_EXITS[0], ExitThreshold("exit2", 0.5))},
        r"exits\.1\.threshold: 0\.5, where the deepest exit, exit2, has none",
    ),
    (
        {"together": _one(sure=("a",))},
        r"together\.0\.sure: a, where the exits with a threshold are, .* exit1",
    ),
    ({"together": _one(sure=("exit2",))}, r"together\.0\.sure: exit2, where the exits with a threshold"),
    ({"together": _one(sure=("exit1", "exit1"))}, r"together\.0\.sure: exit1, exit1, where the exits"),
]


def _read_made_up(
    lenet: Network, file: Path, codecs: dict[str, Any], **damage: object
) -> CalibratedRule | None:
    """Write a rule of LeNet with some of its fields changed, and read it for a spec with the codec jpeg."""
    made_by = Provenance.here_and_now(lenet.graph.sha256, "test")
    sound = CalibratedRule(made_by, "lenet.yaml", "margin", 0.1, 0.9, 10, "accuracy", _EXITS, _one())
    sound.write(file)
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content.update(damage, codecs=codecs)
    file.write_text(json.dumps(content, default=asdict), encoding="utf-8")
    section = ExitRuleSection(measure="margin", loss=0.1, confidence=0.9, file=str(file))
    listed = lenet.spec.codecs.model_copy(update={"input": ("raw", "webp", "jpeg")})
    spec = lenet.spec.model_copy(update={"exit_rule": section, "codecs": listed})
    return read_exit_rule(spec, lenet.graph.sha256)


@pytest.mark.parametrize(("damage", "message"), _DAMAGES)
def test_what_does_not_fit_is_refused_with_its_place(
    lenet: Network, tmp_path: Path, damage: dict[str, Any], message: str
) -> None:
    """For inputs as they are and for those behind a codec, when the file is read and not later."""
    sound = {"exits": _EXITS, "together": _one()}
    again = r".*; run `edgent evaluate .*lenet\.yaml --exit-rule`$"
    assert _read_made_up(lenet, tmp_path / "rule.yaml", {"jpeg": sound})
    with pytest.raises(StaleFileError, match=rf"rule\.yaml: {message}{again}"):
        _read_made_up(lenet, tmp_path / "rule.yaml", {}, **damage)
    with pytest.raises(StaleFileError, match=rf"rule\.yaml: codecs\.jpeg\.{message}{again}"):
        _read_made_up(lenet, tmp_path / "rule.yaml", {"jpeg": sound | damage})


def test_unknown_measures_and_codecs_are_refused(lenet: Network, tmp_path: Path) -> None:
    """Nor are there thresholds of their own behind a codec that loses nothing."""
    with pytest.raises(StaleFileError, match=r"scored_by: 'cosine', where .* accuracy or agreement; run"):
        _read_made_up(lenet, tmp_path / "rule.yaml", {}, scored_by="cosine")
    for codec in ("jpeg50", "webp", "raw", "mp3"):
        with pytest.raises(StaleFileError, match=f"codecs: '{codec}', where .* input codecs are jpeg; run"):
            _read_made_up(lenet, tmp_path / "rule.yaml", {codec: {"exits": _EXITS, "together": _one()}})


def _made_up(together: tuple[SureInputs, ...]) -> CalibratedRule:
    """Three exits, the first two with a threshold."""
    exits = (ExitThreshold("a", 0.9), ExitThreshold("b", 0.9), ExitThreshold("c", None))
    return CalibratedRule(
        Provenance("0" * 64, "", "", {}, {}), "", "margin", 0.02, 0.95, 100, "accuracy", exits, together
    )


def test_what_leaves_depends_on_the_exits_that_are_asked() -> None:
    """Counted by hand: 40 inputs that both are sure of, 20 that a is, 10 that b is, 30 that nobody is."""
    found = _made_up(
        (
            SureInputs(("a", "b"), 40, (38, 39, 40)),
            SureInputs((), 30, (5, 10, 20)),
            SureInputs(("a",), 20, (19, 12, 20)),
            SureInputs(("b",), 10, (2, 9, 8)),
        )
    )
    assert [(one.share, one.right) for one in found.leaving("c")] == [(0.6, 0.57), (0.1, 0.09), (0.3, 0.2)]
    assert [(one.share, one.right) for one in found.leaving("c", {"b"})] == [(0, 0), (0.5, 0.48), (0.5, 0.4)]
    assert [(one.share, one.right) for one in found.leaving("b", {"a"})] == [(0.6, 0.57), (0.4, 0.19)]
    assert found.lost("c", ()) == 0
    assert found.lost("c", {"a"}) == pytest.approx(0.88 - (0.57 + 0.28))
    assert found.lost("c", {"b"}) == pytest.approx(0.88 - (0.48 + 0.40))
