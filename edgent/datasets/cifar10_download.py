"""Fetches CIFAR-10's official binary archive (Krizhevsky, University of Toronto)."""

import hashlib
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

import requests

from edgent.datasets.cifar10 import CIFAR10_FOLDER
from edgent.errors import DataError

CIFAR10_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
_MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
_MAX_ARCHIVE_BYTES = 200_000_000  # the archive has 170,052,171
_MAX_FILE_BYTES = 31_000_000  # a batch has 30,730,000
_MAX_FILES = 16
_TIMEOUT_S = 30
_CHUNK_BYTES = 1 << 20

Fetch = Callable[[str], Iterator[bytes]]


def download_cifar10(
    destination: Path, progress: Callable[[int], None], fetch: Fetch | None = None, md5: str = _MD5
) -> Path:
    """Fetch CIFAR-10 and unpack it into ``destination/cifar-10-batches-bin``.

    Args:
        destination: folder that EDGENT_DATA_DIR is to name.
        progress: called with the bytes fetched so far (of about 170 MB).
        fetch: gives the chunks of a URL; over HTTPS unless told otherwise.
        md5: digest that the archive must have.

    Returns:
        the folder with the data set's files.

    Raises:
        DataError: it cannot be fetched, is not the official archive, or cannot be written.
    """
    try:
        destination.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=destination) as archive:
            _save(archive, (fetch or _fetch)(CIFAR10_URL), progress, md5)
            archive.seek(0)
            _extract(archive, destination)
    except OSError as error:
        raise DataError(f"cannot write into {destination}: {error.strerror}; name another folder") from None
    return destination / CIFAR10_FOLDER


def _save(archive: IO[bytes], chunks: Iterator[bytes], progress: Callable[[int], None], md5: str) -> None:
    """Write the fetched archive into a file.

    Raises:
        DataError: it is not the official one.
        OSError: it cannot be written.
    """
    digest, fetched_bytes = hashlib.md5(usedforsecurity=False), 0
    for chunk in chunks:
        fetched_bytes += len(chunk)
        if fetched_bytes > _MAX_ARCHIVE_BYTES:
            raise DataError(f"{CIFAR10_URL} sends more than {_MAX_ARCHIVE_BYTES} bytes; it is not CIFAR-10")
        digest.update(chunk)
        archive.write(chunk)
        progress(fetched_bytes)
    if digest.hexdigest() != md5:
        raise DataError(
            f"{CIFAR10_URL} gave {fetched_bytes} bytes with md5 {digest.hexdigest()} where CIFAR-10 "
            f"has {md5}; try again, or unpack the archive yourself and set EDGENT_DATA_DIR to its folder"
        )


def _fetch(url: str) -> Iterator[bytes]:
    try:
        with closing(requests.get(url, stream=True, timeout=_TIMEOUT_S)) as response:
            response.raise_for_status()
            yield from response.iter_content(_CHUNK_BYTES)
    except requests.RequestException as error:
        raise DataError(
            f"cannot fetch {url}: {error}. Without a connection, unpack cifar-10-binary.tar.gz yourself "
            f"and set EDGENT_DATA_DIR to the folder that holds {CIFAR10_FOLDER}/"
        ) from error


def _extract(archive: IO[bytes], destination: Path) -> None:
    """Write the archive's plain files, each within the caps and directly in CIFAR-10's folder; all or none.

    Raises:
        DataError: the archive holds anything else.
    """
    folder = destination / CIFAR10_FOLDER
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".unfinished-", dir=destination) as unfinished,
            tarfile.open(fileobj=archive, mode="r:gz") as tar,
        ):
            for count, member in enumerate(tar, start=1):
                if member.isdir() and member.name == CIFAR10_FOLDER:
                    continue
                name = Path(member.name).name
                plain = member.isfile() and member.name == f"{CIFAR10_FOLDER}/{name}" and name != ".."
                if not plain or member.size > _MAX_FILE_BYTES or count > _MAX_FILES:
                    raise DataError(
                        f"the archive holds {member.name!r} ({member.size} bytes); CIFAR-10's has at most "
                        f"{_MAX_FILES} files of {_MAX_FILE_BYTES} bytes, "
                        f"all in {CIFAR10_FOLDER}/. Fetch it again"
                    )
                content = tar.extractfile(member)
                assert content is not None  # it is a plain file
                (Path(unfinished) / name).write_bytes(content.read())
            folder.mkdir(exist_ok=True)
            for file in Path(unfinished).iterdir():
                file.replace(folder / file.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(f"cannot unpack CIFAR-10 into {folder}: {error}") from error
