"""What is built holds what git tracks, and a file too many or too few is named."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from releasing.building import Distributions, build
from releasing.contents import check_contents, expected_in_wheel, tracked_files
from releasing.release_error import ReleaseError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """A wheel and a source distribution of what git tracks here, as a fresh clone has it."""
    clone = tmp_path_factory.mktemp("clone")
    for name in tracked_files(ROOT):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    return build(clone, tmp_path_factory.mktemp("dist"))


@pytest.mark.slow
def test_they_hold_what_git_tracks(built: Distributions) -> None:
    """Handlers and pipelines are in the wheel; tests, benchmarks and data are not."""
    check_contents(built, {name for name in tracked_files(ROOT) if (ROOT / name).is_file()})
    in_wheel = built.in_wheel()
    assert "edgent/_shipped/handlers/head_handler.py" in in_wheel
    assert "edgent/_shipped/pipelines/lenet.yaml" in in_wheel
    assert "device_runtime/py.typed" in in_wheel
    elsewhere = ("tests/", "benchmarks/", "releasing/", "docs/", "data/")
    assert not [name for name in in_wheel if name.startswith(elsewhere)]
    assert "tests/releasing/test_contents.py" in built.in_source()


def _distributions(folder: Path, wheel: set[str], source: set[str]) -> Distributions:
    """Files of these names, with nothing in them."""
    made = Distributions(folder / "edgent-1.0-py3-none-any.whl", folder / "edgent-1.0.tar.gz")
    with zipfile.ZipFile(made.wheel, "w") as archive:
        for name in (*wheel, "edgent-1.0.dist-info/METADATA"):
            archive.writestr(name, "")
    with tarfile.open(made.source, "w:gz") as archive_of_sources:
        for name in source:
            archive_of_sources.addfile(tarfile.TarInfo(f"edgent-1.0/{name}"))
    return made


TRACKED = frozenset({"edgent/cli.py", "handlers/head.py", "tests/test_cli.py", ".ci/run"})
SOURCE = frozenset({"edgent/cli.py", "handlers/head.py", "tests/test_cli.py", "PKG-INFO"})


def test_what_fits(tmp_path: Path) -> None:
    """Nothing is said where both are as they should be."""
    check_contents(_distributions(tmp_path, expected_in_wheel(TRACKED), set(SOURCE)), TRACKED)


@pytest.mark.parametrize(
    ("wheel", "source", "problem"),
    [
        ({"edgent/cli.py"}, SOURCE, r"any.whl lacks edgent/_shipped/handlers/head.py; see tool.hatch"),
        (
            {*expected_in_wheel(TRACKED), "edgent/key_file.json"},
            SOURCE,
            "whl holds edgent/key_file.json, which git does not track",
        ),
        (expected_in_wheel(TRACKED), {*SOURCE, "data/photo.png"}, "tar.gz holds data/photo.png"),
        (expected_in_wheel(TRACKED), {*SOURCE, ".ci/run"}, "tar.gz holds .ci/run"),
        ({f"edgent/{n}" for n in range(12)}, SOURCE, "and 2 more, which"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, wheel: set[str], source: set[str], problem: str) -> None:
    """With the archive, the files, and where to change it."""
    with pytest.raises(ReleaseError, match=problem):
        check_contents(_distributions(tmp_path, wheel, source), TRACKED)


def test_a_folder_with_an_earlier_release(tmp_path: Path) -> None:
    """It is not known which wheel is meant, so none is taken."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "made-up"\nversion = "1.0"\n'
        '[tool.hatch.build.targets.wheel]\nonly-include = ["made_up.py"]\n'
    )
    (tmp_path / "project" / "made_up.py").write_text("")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "made_up-0.9-py3-none-any.whl").write_bytes(b"")
    with pytest.raises(ReleaseError, match="holds 2 wheels and 1 source distributions"):
        build(tmp_path / "project", tmp_path / "dist")


def test_what_cannot_be_built(tmp_path: Path) -> None:
    """The back end's own words are shown."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "made-up"\n')
    with pytest.raises(ReleaseError, match="hatchling builds nothing"):
        build(tmp_path, tmp_path / "dist")


def test_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that somebody unpacked are no basis of a release."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ReleaseError, match="is no checkout of git"):
        tracked_files(tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert tracked_files(tmp_path) == set()
