"""From a network with one output and photos to a network with exits: every stage of it, in order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import onnx

from edgent.errors import ModelError
from edgent.exits.attach import NewExit, attach_exits, free_name
from edgent.exits.candidates import candidates
from edgent.exits.exit_training import TrainedExits, accuracy, train_exits
from edgent.exits.photo_features import PhotoReader
from edgent.exits.record import ExitRecord, ExitsRecord, PlaceRecord
from edgent.exits.teacher import Teacher, choose_teacher
from edgent.generated_file import Provenance
from edgent.graph.onnx_file import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.exits.candidates import Candidates
    from edgent.exits.photo_features import PhotoFeatures
    from edgent.inputs.photo_list import Photo
    from edgent.latency.timing import Progress
    from edgent.network import Network

COMMAND = "edgent exits SPEC"


@dataclass(frozen=True)
class MadeExits:
    """A network with exits.

    Attributes:
        content: its ONNX file.
        outputs: output of each exit, shallow to deep.
        teacher: the classes, and who said what a photo shows.
        record: what was done and what came of it.
        left_out: photos that were not used, each with its reason.
        whole_only: why no exits were tried on smaller pictures, as the rest of a sentence; empty where they
            were.
    """

    content: bytes
    outputs: tuple[str, ...]
    teacher: Teacher
    record: ExitsRecord
    left_out: tuple[str, ...]
    whole_only: str

    @property
    def names(self) -> tuple[str, ...]:
        """The exits, shallow to deep."""
        return tuple(exit_.exit for exit_ in self.record.exits)


def make_exits(
    network: Network,
    train: Sequence[Photo],
    held_out: Sequence[Photo],
    *,
    count: int = 4,
    seed: int = 0,
    threads: int = 2,
    progress: Progress | None = None,
) -> MadeExits:
    """Attach exits to a network and train them on photos; the trunk stays as it is.

    Exits are tried along the trunk and, where the network takes other sizes, along it on smaller pictures.

    Args:
        network: with one output, which gives a score for each class.
        train: photos to train on.
        held_out: others, to measure the exits with.
        count: number of exits at most, the deepest one among them.
        seed: all random choices follow from it.
        threads: number of photos read at once.
        progress: called with what is going on, how much is done, and of how much.

    Raises:
        ModelError: the network has several outputs, or none that exits can be made for.
        DataError: there are not enough photos.
    """
    setting = _candidates(network)
    photos = PhotoReader(setting.reader(), network.spec, network.segments.folder, threads)
    seen = photos.read(train, "features of the photos to train on", progress)
    new = photos.read(held_out, "features of the held-out photos", progress)
    teacher = choose_teacher(seen.photos, seen.features.answers, network.spec.input.labels)
    if teacher.uses_labels:
        seen, new = seen.labelled_with(teacher.unambiguous), new.labelled_with(teacher.unambiguous)
    trained = train_exits(
        seen.features,
        teacher.targets(seen.photos, seen.features.answers),
        setting.shares,
        count,
        keeps_classifier=teacher.keeps_classifier,
        seed=seed,
        progress=progress,
    )
    content, outputs = _attach(setting, trained, teacher)
    places = _places(setting, trained)
    record = ExitsRecord(
        made_by=Provenance.here_and_now(hashlib.sha256(content).hexdigest(), COMMAND),
        trunk_sha256=network.graph.sha256,
        taught_by="labels" if teacher.uses_labels else "answers of the network",
        keeps_classifier=teacher.keeps_classifier,
        photos=len(seen.photos),
        held_out=len(new.photos),
        seed=seed,
        places=places,
        exits=_exits(places, trained, teacher, new),
    )
    return MadeExits(content, outputs, teacher, record, (*seen.left_out, *new.left_out), setting.whole_only)


def _candidates(network: Network) -> Candidates:
    file, graph = network.graph.path, network.graph
    if len(graph.paths) > 1:
        raise ModelError(
            f"{file} has {len(graph.paths)} exits ({', '.join(graph.exit_names)}): exits are made for a "
            "network that has one; begin with `edgent new NAME --model` and the file without exits"
        )
    if network.spec.output != "labels":
        raise ModelError(
            f"{network.spec.file}: output: tensor: exits are made for networks that give classes"
        )
    found = candidates(load(file)[0], graph, network.spec.input.layout)
    if not found.places:
        raise ModelError(
            f"{file}: none of its {len(graph.paths[0].layers)} layers gives a float tensor that an exit can "
            f"read (`edgent show {network.spec.file}` lists them): it stays with the exit that it has"
        )
    return found


def _attach(setting: Candidates, trained: TrainedExits, teacher: Teacher) -> tuple[bytes, tuple[str, ...]]:
    """The network's file, and its outputs, shallow to deep."""
    output = setting.model.graph.output[0].name  # those on smaller pictures lie behind it
    new = [
        NewExit(free_name(setting.model, f"exit{number}"), setting.places[k].place.tensor, layer)
        for number, (k, layer) in enumerate(zip(trained.chosen, trained.layers, strict=False), start=1)
    ]
    kept = output if teacher.keeps_classifier else None
    model = attach_exits(setting.model, new, kept)
    onnx.checker.check_model(model)
    outputs = tuple(exit_.name for exit_ in new)
    return model.SerializeToString(deterministic=True), outputs if kept is None else (*outputs, kept)


def _places(setting: Candidates, trained: TrainedExits) -> tuple[PlaceRecord, ...]:
    names = [*(candidate.name for candidate in setting.places), "output"]
    return tuple(
        PlaceRecord(name, round(tried.share, 4), tried.penalty, round(tried.accuracy, 4))
        for name, tried in zip(names, trained.tried, strict=False)  # the output is tried only if it stays
    )


def _exits(
    places: Sequence[PlaceRecord], trained: TrainedExits, teacher: Teacher, held_out: PhotoFeatures
) -> tuple[ExitRecord, ...]:
    """The chosen exits with what they reach on held-out photos."""
    features = held_out.features
    targets = teacher.targets(held_out.photos, features.answers)
    scores = [
        layer.scores(features.places[k]) for k, layer in zip(trained.chosen, trained.layers, strict=False)
    ]
    if teacher.keeps_classifier:
        scores.append(features.answers)
    return tuple(
        ExitRecord(f"exit{number}", places[k].place, places[k].share, round(accuracy(of_exit, targets), 4))
        for number, (k, of_exit) in enumerate(zip(trained.chosen, scores, strict=True), start=1)
    )
