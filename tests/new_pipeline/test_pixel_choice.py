"""How a network wants its pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.errors import InputError, SpecError
from edgent.inputs.photo_list import Photo
from edgent.new_pipeline.given_network import GivenNetwork
from edgent.new_pipeline.normalisation import IMAGENET, NORMALISATIONS
from edgent.new_pipeline.pixel_choice import CLEAR, RIGHT, choose_pixels, possible_ways
from edgent.new_pipeline.trial import Trial, try_photos
from tests.networks import one_output
from tests.photos import labelled

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("a", "b", "c")
TRUTH = np.arange(30) % 3


def _answers(share_right: float, scale: float) -> np.ndarray:
    """Scores that are right on a share of the photos, and say "a" of the others."""
    shown = np.where(np.arange(30) < 30 * share_right, TRUTH, 0)
    noise = np.random.default_rng(0).normal(0, 0.2, (30, 3))
    return ((np.eye(3)[shown] + noise) * scale).astype(np.float32)


def _trial(labels: tuple[str | None, ...]) -> Trial:
    """A network that was trained with the way "unit", and is surer of itself with larger pixels."""
    shares = {"imagenet": 0.6, "symmetric": 0.5, "unit": 1.0, "pixels": 0.0, "caffe": 0.1}
    scales = {"imagenet": 3.0, "symmetric": 3.0, "unit": 1.0, "pixels": 200.0, "caffe": 100.0}
    return Trial(labels, {way: _answers(share, scales[way]) for way, share in shares.items()})


def test_labels_that_the_network_knows_decide() -> None:
    """The way with most right answers wins, however sure the others are."""
    labels = tuple(CLASSES[k] for k in TRUTH)
    choice = choose_pixels(NORMALISATIONS, _trial(labels), CLASSES)
    assert choice.normalisation == NORMALISATIONS["unit"]
    assert (choice.measure, choice.figures["unit"], choice.is_close) == (RIGHT, 1.0, False)


@pytest.mark.parametrize("label", [None, "unknown"])
def test_without_such_labels_clear_answers_decide(label: str | None) -> None:
    """Answers that are all alike are not clear, whatever their scale."""
    choice = choose_pixels(NORMALISATIONS, _trial((label,) * 30), CLASSES)
    assert choice.normalisation == NORMALISATIONS["unit"]
    assert choice.measure == CLEAR


def _trial_of(right: dict[str, int], clearest: str) -> Trial:
    """A network that is right on the first so many photos, and answers all decidedly in one way alone."""
    answers = {}
    for way, count in right.items():
        shown = np.where(np.arange(30) < count, TRUTH, (TRUTH + 1) % 3)
        second = 0.0 if way == clearest else 0.9
        answers[way] = (np.eye(3)[shown] + second * np.eye(3)[(shown + 1) % 3]).astype(np.float32)
    return Trial(tuple(CLASSES[k] for k in TRUTH), answers)


def test_more_right_answers_than_in_the_clearest_way_decide() -> None:
    """Beyond chance, even where the network is right on little more than half of the photos."""
    right = _trial_of({"imagenet": 10, "symmetric": 10, "unit": 18}, clearest="symmetric")
    choice = choose_pixels(NORMALISATIONS, right, CLASSES)
    assert choice.normalisation == NORMALISATIONS["unit"]
    assert (choice.measure, choice.labelled, choice.is_guessing) == (RIGHT, 30, False)
    assert choice.right == pytest.approx({"imagenet": 1 / 3, "symmetric": 1 / 3, "unit": 0.6})


def test_of_ways_with_as_many_right_answers_the_clearest_is_taken() -> None:
    """Whatever their order, also where the network knows its classes."""
    for ways in (("imagenet", "symmetric"), ("symmetric", "imagenet")):
        choice = choose_pixels(
            NORMALISATIONS, _trial_of(dict.fromkeys(ways, 29), clearest="symmetric"), CLASSES
        )
        assert (choice.normalisation, choice.measure) == (NORMALISATIONS["symmetric"], RIGHT)


def test_a_few_more_right_answers_decide_nothing() -> None:
    """The clearest way is taken then; every way's right answers are known all the same."""
    right = _trial_of({"imagenet": 10, "symmetric": 15, "unit": 17}, clearest="symmetric")
    choice = choose_pixels(NORMALISATIONS, right, CLASSES)
    assert choice.normalisation == NORMALISATIONS["symmetric"]
    assert (choice.measure, choice.right["unit"]) == (CLEAR, pytest.approx(17 / 30))


def test_guessing_is_known_for_what_it_is() -> None:
    """Classes in another order, say: no way is better than chance."""
    right = _trial_of({"imagenet": 10, "symmetric": 11, "unit": 12}, clearest="symmetric")
    assert choose_pixels(NORMALISATIONS, right, CLASSES).is_guessing


def test_one_answer_for_all_is_guessing_too() -> None:
    """It is right on every photo of one class, which clear answers are not, and tells nothing of pixels."""
    labels, answers = ("a",) * 12 + ("b", "c") * 9, np.eye(10, dtype=np.float32)
    clear = answers[np.arange(30) % 9 + 1]
    choice = choose_pixels(
        NORMALISATIONS, Trial(labels, {"imagenet": clear, "unit": answers[np.zeros(30, int)]}), "abcdefghij"
    )
    assert (choice.normalisation, choice.is_guessing) == (IMAGENET, True)


def test_a_close_call_is_said() -> None:
    """Two ways that do nearly as well."""
    trial = Trial((None,) * 30, {"imagenet": _answers(1, 1), "unit": _answers(1, 1)})
    assert choose_pixels(NORMALISATIONS, trial, CLASSES).is_close


def test_the_user_knows_best(tmp_path: Path) -> None:
    """A way that is named is the only one; none leaves the network as it is."""
    network = GivenNetwork.read(one_output(tmp_path / "n.onnx"))
    assert possible_ways("caffe", network) == {"caffe": NORMALISATIONS["caffe"]}
    assert possible_ways("none", network) == {"none": None}
    assert choose_pixels(possible_ways("none", network), None, ()).normalisation is None
    with pytest.raises(SpecError, match="did you mean 'imagenet'"):
        possible_ways("imagnet", network)


def test_without_photos_the_usual_way_is_assumed() -> None:
    """And it is marked as assumed."""
    choice = choose_pixels(NORMALISATIONS, None, CLASSES)
    assert (choice.normalisation, choice.is_assumed) == (IMAGENET, True)


@pytest.mark.parametrize("shape", [(3, 16, 16), (16, 16, 3)])
def test_every_way_is_tried_on_photos(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Some that cannot be read are passed by; with none left there is nothing to try."""
    network = GivenNetwork.read(one_output(tmp_path / "n.onnx", shape))
    photos = [Photo(file, file.parent.name) for file in sorted(labelled(tmp_path / "p", 8).glob("*/*"))]
    for photo in photos[:20]:
        photo.file.write_bytes(b"no photo")
    told: list[float] = []
    trial = try_photos(network, photos, NORMALISATIONS, 0, lambda _, done, of: told.append(done / of))
    assert told == pytest.approx(np.linspace(0, 1, 4 * len(NORMALISATIONS) + 1)[1:])
    assert set(trial.answers) == set(NORMALISATIONS)
    assert trial.answers["unit"].shape == (4, 10)
    assert trial.labels == ("red",) * 4
    for photo in photos:
        photo.file.write_bytes(b"no photo")
    with pytest.raises(InputError, match="none of 24 photos can be read: "):
        try_photos(network, photos, NORMALISATIONS, 0)


def test_the_photos_that_are_tried_follow_from_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the same seed, others with another one, as with all that `edgent new` draws."""
    network = GivenNetwork.read(one_output(tmp_path / "n.onnx"))
    photos = [Photo(file, str(file)) for file in sorted(labelled(tmp_path / "p", 8).glob("*/*"))]
    monkeypatch.setattr("edgent.new_pipeline.trial.PHOTOS", 6)
    ways = {"unit": NORMALISATIONS["unit"]}
    first, again, other = (try_photos(network, photos, ways, seed) for seed in (1, 1, 2))
    assert first.labels == again.labels
    assert set(first.labels) != set(other.labels)
    np.testing.assert_array_equal(first.answers["unit"], again.answers["unit"])
