"""Fuzzed specs: each is read, or refused with a sentence, and nothing else is ever raised.

EDGENT_FUZZ says how many; 400 when it is not set.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgent.errors import EdgentError, SpecError
from edgent.network import Network
from edgent.spec import read_spec

COUNT = int(os.environ.get("EDGENT_FUZZ", "400"))
PIPELINES = Path(__file__).parents[2] / "pipelines"
ODD: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1.5,
        1e308,
        float("nan"),
        float("inf"),
        10**30,
        "",
        "x",
        "\0",
        "é" * 300,
        "../../etc/passwd",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        {"a": {"b": 1}},
        ["exit1", "exit1"],
        "http://",
        "https://[::1",
        "1e3",
        "0x10",
        "!!python/name:os",
    ),
]


def _mutated_tree(tree: Any, chance: random.Random) -> Any:
    """The tree with one node replaced, removed, renamed or doubled."""
    if not isinstance(tree, (dict, list)) or not tree or chance.random() < 0.15:
        return chance.choice(ODD)
    if isinstance(tree, list):
        copy = list(tree)
        place = chance.randrange(len(copy))
        what = chance.random()
        if what < 0.2:
            del copy[place]
        elif what < 0.4:
            copy.insert(place, copy[place])
        else:
            copy[place] = _mutated_tree(copy[place], chance)
        return copy
    changed = dict(tree)
    key = chance.choice(list(changed))
    what = chance.random()
    if what < 0.15:
        del changed[key]
    elif what < 0.3:
        changed[chance.choice(["zzz", 1, None, "é"])] = changed.pop(key)
    else:
        changed[key] = _mutated_tree(changed[key], chance)
    return changed


def _mutated_text(text: str, chance: random.Random) -> bytes:
    """The text with bytes changed, lines lost or doubled, or YAML's own characters strewn in."""
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data))
        what = chance.random()
        if what < 0.3:
            data[place] = chance.randrange(256)
        elif what < 0.5:
            end = data.find(b"\n", place)
            del data[place:end]
        elif what < 0.7:
            data[place:place] = data[place : place + chance.randint(1, 200)]
        else:
            data[place:place] = chance.choice(
                [b"&a ", b"*a ", b"!!", b"{", b"[", b"|", b">", b"\t", b"%", b"---\n", b"<<: "]
            )
    return bytes(data)


@pytest.mark.parametrize("pipeline", ["lenet", "alexnet"])
def test_fuzzed_specs(pipeline: str, tmp_path: Path) -> None:
    """SpecError with the file's name from reading, an EdgentError from opening what was read, or success."""
    text = (PIPELINES / f"{pipeline}.yaml").read_text(encoding="utf-8")
    tree = yaml.safe_load(text)
    chance = random.Random(pipeline)
    file = tmp_path / "fuzzed.yaml"
    refused = 0
    for _ in range(COUNT):
        if chance.random() < 0.5:
            mutated = tree
            for _ in range(chance.randint(1, 3)):
                mutated = _mutated_tree(mutated, chance)
            file.write_text(yaml.safe_dump(mutated, allow_unicode=True), encoding="utf-8", errors="replace")
        else:
            file.write_bytes(_mutated_text(text, chance))
        try:
            spec = read_spec(file)
        except SpecError as error:
            refused += 1
            message = str(error)
        else:
            with pytest.raises(EdgentError) as caught:  # there is no model beside it
                Network.open(spec, tmp_path / "cache")
            message = str(caught.value)
        assert str(tmp_path) in message
        assert "Traceback" not in message
    assert refused > COUNT / 3
