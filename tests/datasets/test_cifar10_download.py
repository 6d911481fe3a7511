"""Fetching CIFAR-10, with archives made here."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from edgent.datasets.cifar10 import CIFAR10_FOLDER
from edgent.datasets.cifar10_download import CIFAR10_URL, download_cifar10
from edgent.errors import DataError


def _archive(*members: tuple[str, bytes]) -> bytes:
    """A tar.gz with a folder entry and the given files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        folder = tarfile.TarInfo(CIFAR10_FOLDER)
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _download(archive: bytes, destination: Path, md5: str | None = None) -> list[int]:
    """Download ``archive`` in two chunks; what the progress was told."""
    told: list[int] = []

    def fetch(url: str) -> Iterator[bytes]:
        assert url == CIFAR10_URL
        yield archive[:100]
        yield archive[100:]

    digest = hashlib.md5(archive).hexdigest()
    download_cifar10(destination, told.append, fetch, md5 or digest)
    return told


def test_files_are_unpacked(tmp_path: Path) -> None:
    """The archive's files come to lie in CIFAR-10's folder, and nothing else remains."""
    archive = _archive(
        (f"{CIFAR10_FOLDER}/test_batch.bin", b"abc"), (f"{CIFAR10_FOLDER}/readme.html", b"<p>")
    )
    assert _download(archive, tmp_path / "data") == [100, len(archive)]
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {f"data/{CIFAR10_FOLDER}/test_batch.bin", f"data/{CIFAR10_FOLDER}/readme.html"}
    assert (tmp_path / "data" / CIFAR10_FOLDER / "test_batch.bin").read_bytes() == b"abc"


def test_another_archive_is_refused(tmp_path: Path) -> None:
    """An archive with another md5 is not unpacked."""
    with pytest.raises(DataError, match="where CIFAR-10 has c32a1d4ab5d03f1284b67883e8d87530"):
        _download(_archive((f"{CIFAR10_FOLDER}/a", b"a")), tmp_path, md5="c32a1d4ab5d03f1284b67883e8d87530")
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/evil",
        f"{CIFAR10_FOLDER}/../evil",
        f"{CIFAR10_FOLDER}/..",
        f"{CIFAR10_FOLDER}/deep/evil",
        "elsewhere/evil",
    ],
)
def test_a_path_outside_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    """No member may leave CIFAR-10's folder."""
    with pytest.raises(DataError, match="the archive holds"):
        _download(_archive((name, b"evil")), tmp_path / "data")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_link_is_refused(tmp_path: Path) -> None:
    """Only plain files are written."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        link = tarfile.TarInfo(f"{CIFAR10_FOLDER}/test_batch.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(DataError, match="the archive holds"):
        _download(buffer.getvalue(), tmp_path)


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    """A member over the cap is refused by its declared size."""
    info = tarfile.TarInfo(f"{CIFAR10_FOLDER}/test_batch.bin")
    info.size = 10**12
    with pytest.raises(DataError, match="1000000000000 bytes"):
        _download(gzip.compress(info.tobuf()), tmp_path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """CIFAR-10 has a handful of files."""
    members = [(f"{CIFAR10_FOLDER}/file{i}", b"") for i in range(20)]
    with pytest.raises(DataError, match="at most 16 files"):
        _download(_archive(*members), tmp_path)
    assert not list(tmp_path.rglob("*")), "not even those before the last"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """There is a file in its place."""
    (tmp_path / "data").touch()
    with pytest.raises(DataError, match=r"cannot write into .*data: File exists; name another folder"):
        download_cifar10(tmp_path / "data", lambda _: None, lambda _url: iter(()))


def test_a_disk_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is there, and nothing can be written into it."""

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edgent.datasets.cifar10_download.tempfile.TemporaryFile", full)
    with pytest.raises(DataError, match="No space left on device; name another folder"):
        download_cifar10(tmp_path, lambda _: None, lambda _url: iter(()))


def test_an_endless_answer_is_cut_off(tmp_path: Path) -> None:
    """The archive's size is capped while it is fetched."""

    def endless(_url: str) -> Iterator[bytes]:
        while True:
            yield bytes(50_000_000)

    with pytest.raises(DataError, match="more than 200000000 bytes"):
        download_cifar10(tmp_path, lambda _: None, endless)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    """Bytes that are no tar.gz have a clear answer, even if their md5 is right."""
    with pytest.raises(DataError, match="cannot unpack CIFAR-10"):
        _download(b"no archive" * 20, tmp_path)


def test_offline_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a connection the message tells of EDGENT_DATA_DIR."""

    def offline(*_args: object, **_kwargs: object) -> requests.Response:
        raise requests.ConnectionError("no route to host")

    monkeypatch.setattr(requests, "get", offline)
    with pytest.raises(DataError, match=r"no route to host.*set EDGENT_DATA_DIR"):
        download_cifar10(tmp_path, lambda _: None)
