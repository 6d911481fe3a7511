"""A folder that is looked at again and again; what happens between two looks is the test's."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from device_runtime.streams.watched_folder import WatchedFolder
from edgent.errors import InputError
from tests.device_runtime.streams.test_jpeg_end import jpeg
from tests.runtime_fixtures import Clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def watch(folder: Path, enough: int, *between: Callable[[], object]) -> list[str]:
    """Names of the pictures that are given while these happen, one between two looks, which take no time."""
    todo, clock = iter((*between, None, None)), Clock()

    def pause(seconds: float) -> None:
        assert seconds == pytest.approx(0.05)
        clock.pass_s(seconds)
        step = next(todo, None)
        if step is not None:
            step()

    given = list[str]()
    for picture in WatchedFolder(folder, pause, clock):
        given.append(picture.name.rpartition("/")[2])
        if len(given) == enough:
            break
    return given


def test_new_pictures_are_given_once_they_are_complete(tmp_path: Path) -> None:
    """Those that were there, other files, hidden and empty ones are left alone."""
    (tmp_path / "old.jpg").write_bytes(b"old")
    file = tmp_path / "new.jpg"
    given = watch(
        tmp_path,
        2,
        lambda: file.write_bytes(b"half"),
        lambda: file.write_bytes(b"the whole"),
        lambda: (tmp_path / "notes.txt").write_text("no picture"),
        lambda: (tmp_path / ".hidden.jpg").write_bytes(b"hidden"),
        (tmp_path / "empty.jpg").touch,
        lambda: (tmp_path / "other.PNG").write_bytes(b"another"),
    )
    assert given == ["new.jpg", "other.PNG"]


def test_a_picture_that_is_written_anew_is_given_again(tmp_path: Path) -> None:
    """As cameras do that keep one file; one that is gone before it was complete is not."""
    file, other = tmp_path / "latest.jpg", tmp_path / "gone.jpg"
    given = watch(
        tmp_path,
        2,
        lambda: file.write_bytes(b"first"),
        lambda: other.write_bytes(b"gone"),
        other.unlink,
        lambda: file.write_bytes(b"second one"),
    )
    assert given == ["latest.jpg", "latest.jpg"]


def test_pictures_are_read_when_they_are_wanted(tmp_path: Path) -> None:
    """One that is gone by then cannot be."""
    file = tmp_path / "a.jpg"

    def pause(_: float) -> None:
        if not file.exists():
            file.write_bytes(b"content")

    pictures = iter(WatchedFolder(tmp_path, pause))
    assert next(pictures).content == b"content"
    file.unlink()
    late = next(pictures)
    file.unlink()
    with pytest.raises(InputError, match="no readable image: No such file"):
        _ = late.content


def test_a_link_to_itself_is_told_once_and_ends_nothing(tmp_path: Path) -> None:
    """It is a picture that cannot be read; one that was there before is left alone."""
    before, link, file = (tmp_path / name for name in ("before.jpg", "loop.jpg", "new.jpg"))
    before.symlink_to(before)
    steps = iter((lambda: link.symlink_to(link), lambda: None, lambda: file.write_bytes(b"content")))

    def pause(_: float) -> None:
        next(steps, lambda: None)()

    pictures = iter(WatchedFolder(tmp_path, pause))
    loop, new = next(pictures), next(pictures)
    assert (loop.name, new.name, new.content) == ("loop.jpg", "new.jpg", b"content")
    with pytest.raises(InputError, match="no readable image: Too many levels of symbolic links"):
        _ = loop.content


def test_a_picture_that_comes_slowly_is_given_once(tmp_path: Path) -> None:
    """As over a network: between two pieces nothing is written for some looks."""
    content, file, looks = jpeg(size=64), tmp_path / "slow.jpg", itertools.count()

    def pause(_: float) -> None:
        piece, rest = divmod(next(looks), 4)
        if not rest and piece < 10:
            file.write_bytes(content[: len(content) * (piece + 1) // 10])

    pictures = iter(WatchedFolder(tmp_path, pause))
    assert next(pictures).content == content
    (tmp_path / "next.jpg").write_bytes(content)
    assert next(pictures).name == "next.jpg"


def test_a_picture_that_is_left_without_its_end_is_given(tmp_path: Path) -> None:
    """Two seconds later: whoever reads it says what is wrong."""
    looks = itertools.count()

    def pause(_: float) -> None:
        if next(looks) == 0:
            (tmp_path / "half.jpg").write_bytes(jpeg()[:300])

    picture = next(iter(WatchedFolder(tmp_path, pause)))
    assert picture.content == jpeg()[:300]
    assert next(looks) - 1 == pytest.approx(2.0 / 0.05, abs=2)


def test_looks_that_take_long_are_rare(tmp_path: Path) -> None:
    """Of a folder of many files: looking takes a quarter of the time, whatever a frame takes meanwhile."""
    clock, pauses_s = Clock(), list[float]()
    looks_s = itertools.chain((0.0, 0.002), itertools.repeat(0.2))

    class SlowDisk(WatchedFolder):
        """Takes its time for each look."""

        def _look(self) -> Any:
            clock.pass_s(next(looks_s))
            return super()._look()

    def pause(seconds: float) -> None:
        pauses_s.append(seconds)
        if len(pauses_s) == 1:
            (tmp_path / "a.jpg").write_bytes(b"content")

    pictures = iter(SlowDisk(tmp_path, pause, clock))
    assert next(pictures).name == "a.jpg"
    clock.pass_s(5.0)
    (tmp_path / "b.jpg").write_bytes(b"content")
    assert next(pictures).name == "b.jpg"
    assert pauses_s == pytest.approx([0.05, 0.6, 0.6, 0.6])


def test_a_folder_that_goes_away_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was in it before is not given again; this is said once."""
    folder, aside = tmp_path / "photos", tmp_path / "aside"
    folder.mkdir()
    (folder / "old.jpg").write_bytes(b"old")
    given = watch(
        folder,
        2,
        lambda: (folder / "one.jpg").write_bytes(b"one"),
        lambda: None,
        lambda: folder.rename(aside),
        lambda: None,
        lambda: None,
        lambda: aside.rename(folder),
        lambda: (folder / "two.jpg").write_bytes(b"two"),
    )
    assert given == ["one.jpg", "two.jpg"]
    assert caplog.messages == [
        f"{folder}: No such file or directory; this waits until it is there again",
    ]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """At once."""
    with pytest.raises(InputError, match="nowhere: No such file or directory; name a folder to watch"):
        WatchedFolder(tmp_path / "nowhere")
