"""What stands before anything is asked: photos, profiles, a device that is slow."""

import shutil
from pathlib import Path

import numpy as np

from benchmarks.studies.workload.asking import Photos
from benchmarks.studies.workload.conditions import SLOWDOWNS
from benchmarks.studies.workload.methods import SMALL
from benchmarks.testbed.rig import UNSHAPED_BPS, Rig, Slowness
from edgent.errors import DataError
from edgent.inputs.photo_folder import photos_in
from edgent.inputs.tensor import to_tensor
from edgent.spec import Pipeline, read_spec

_SEED = 0
_PROFILE_S = 24.0
_INPUTS = "inputs.npy"


def check_photos(pipeline: Pipeline) -> None:
    """See that the photos are there which are asked, and those from which the small network learns.

    Raises:
        DataError: a folder of them is missing.
    """
    for named in (pipeline.data.train, pipeline.held_out):
        folder = pipeline.resolve(named or "")
        if not folder.is_dir():
            raise DataError(
                f"{folder} is not there: this study needs photos of flowers, which do not ship with edgent. "
                "Set EDGENT_DATA_DIR to a folder that holds flowers/train and flowers/held_out, each of them "
                f"with a folder for each label ({', '.join(pipeline.input.labels)})"
            )


def draw_photos(pipeline: Pipeline, count: int) -> tuple[Photos, np.ndarray]:
    """Some held-out photos of every label, and the inputs that they make.

    Raises:
        DataError: there are not so many.
    """
    check_photos(pipeline)
    folder = pipeline.resolve(pipeline.held_out or "")
    held_out = photos_in(folder).photos
    if len(held_out) < count:
        raise DataError(
            f"{folder} has {len(held_out)} photos, and this study asks {count} different ones: set "
            "EDGENT_DATA_DIR to a folder with so many"
        )
    drawn = np.random.default_rng(_SEED).permutation(len(held_out))[:count]
    chosen = [held_out[number] for number in drawn.tolist()]
    photos = Photos([one.file for one in chosen], [one.label or "" for one in chosen])
    return photos, _inputs(photos, pipeline)


def keep_inputs(photos: Photos, small: Path) -> None:
    """Write what the small network reads of the same photos, beside its spec."""
    np.save(small.with_name(_INPUTS), _inputs(photos, read_spec(small)))


def see_profiles(rig: Rig, pipeline: Pipeline, ours: Path, *, thorough: bool) -> float:
    """See that both nodes have profiles; returns how many times slower the profiled device is.

    Args:
        rig: With a testbed that has been checked.
        pipeline: Whose shipped profiles do where it need not be thorough.
        ours: The trial's spec, beside which profiles are kept.
        thorough: Whether nodes are profiled where they are.
    """
    shipped = pipeline.regressors
    assert shipped is not None, "the pipeline ships profiles"
    device, edge = ours.with_name("device.yaml"), ours.with_name("edge.yaml")
    if not thorough:
        shutil.copy(pipeline.resolve(shipped.device), device)
        shutil.copy(pipeline.resolve(shipped.edge), edge)
        return 1.0
    if not (device.exists() and edge.exists()):
        rig.profile(_PROFILE_S, [ours])
    return SLOWDOWNS[0]


def start_device(rig: Rig, slowdown: float, small: Path, photos: Photos) -> None:
    """Start the device's program, and slow it down when everything is loaded.

    Its camera gives both the pixels of a photo and its file.
    """
    rig.slowness = Slowness(dilation=slowdown)
    rig.set_round_trip(0.0)
    rig.set_rate(UNSHAPED_BPS)
    rig.start_device()
    rig.ask(do="open_alone", name=SMALL, spec=str(small), inputs=str(small.with_name(_INPUTS)))
    rig.ask(do="take_photos", files=[str(file) for file in photos.files])
    rig.warm_up((), 0)
    rig.slow_down()


def _inputs(photos: Photos, spec: Pipeline) -> np.ndarray:
    return np.stack([to_tensor(file, spec).reshape(spec.input.shape) for file in photos.files])
