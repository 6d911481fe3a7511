"""The inputs of files, each decoded when it is asked for, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.photo import Photo
from edgent.errors import InputError
from edgent.inputs.contents import ARRAY_SUFFIXES, array_of, arrays_in, inputs_of, read_image
from edgent.inputs.tensor import to_input, to_tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.inputs.folder import FolderFile
    from edgent.spec import Pipeline


@dataclass(frozen=True)
class _Place:
    """Where an input is: which file, which array of it, which one along the first axis."""

    file_number: int
    member: str = ""
    index: int = 0
    is_alone: bool = True


class FileInputs:
    """Inputs by number: those of the first file, then those of the next.

    Attributes:
        left_out: files in which there is no input, with reasons.
    """

    def __init__(self, files: Sequence[FolderFile], spec: Pipeline) -> None:
        """Count what the files hold; images are not opened yet."""
        self._files, self._spec = files, spec
        self._places: list[_Place] = []
        self._opened: tuple[tuple[int, str], np.ndarray] | None = None
        self.left_out: list[str] = []
        for number, file in enumerate(files):
            try:
                self._places += self._places_in(number)
            except InputError as error:
                self.left_out.append(f"{file.name}: {error}")

    def __len__(self) -> int:
        return len(self._places)

    @property
    def file_numbers(self) -> list[int]:
        """Which file each input is in."""
        return [place.file_number for place in self._places]

    def read(self, number: int) -> np.ndarray:
        """One input, shape (*input shape).

        Raises:
            InputError: it is broken, or no input of the network; the message begins with its name.
        """
        place = self._places[number]
        file = self._files[place.file_number]
        try:
            is_image = file.path.suffix.lower() not in ARRAY_SUFFIXES
            content = read_image(file.path) if is_image else np.array(self._array(place)[place.index])
            tensor: np.ndarray = to_tensor(content, self._spec)[0]
        except InputError as error:
            member = f":{place.member}" if place.member else ""
            within = "" if place.is_alone else f"[{place.index}]"
            raise InputError(f"{file.name}{member}{within}: {error}") from None
        return tensor

    def photo(self, number: int) -> Photo | None:
        """One input as the file of a picture, not decoded; None where it is an array.

        Raises:
            InputError: it cannot be read, or the network takes no pictures.
        """
        file = self._files[self._places[number].file_number].path
        taken = None if file.suffix.lower() in ARRAY_SUFFIXES else to_input(read_image(file), self._spec)
        return taken if isinstance(taken, Photo) else None

    def _places_in(self, number: int) -> Iterator[_Place]:
        file = self._files[number].path
        if file.suffix.lower() not in ARRAY_SUFFIXES:
            yield _Place(number)
            return
        for member, array in arrays_in(file):
            count = len(inputs_of(array, self._spec))
            for index in range(count):
                yield _Place(number, member, index, count == 1)

    def _array(self, place: _Place) -> np.ndarray:
        """The inputs of one array; the last one stays open."""
        key = place.file_number, place.member
        if self._opened is None or self._opened[0] != key:
            self._opened = None  # makes room before the next one is read
            array = array_of(self._files[place.file_number].path, place.member)
            self._opened = key, inputs_of(array, self._spec)
        return self._opened[1]
