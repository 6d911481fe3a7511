"""What exits on the way take, and which of them are worth it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgent.exits.rules.work import branch_macs, expected_macs, worth_checking
from edgent.network import Network
from edgent.shipped import shipped_folder
from edgent.spec import read_spec


@pytest.fixture(scope="module")
def alexnet(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The shipped one: its fourth exit's branch takes nearly what leaving there spares."""
    spec = read_spec(shipped_folder("pipelines") / "alexnet.yaml")
    return Network.open(spec, tmp_path_factory.mktemp("alexnet"))


def test_exits_whose_branch_takes_what_leaving_spares_are_left_out(alexnet: Network) -> None:
    """And the deepest, at which all leave anyway."""
    assert worth_checking(alexnet.graph.paths).tolist() == [True, True, True, False, False]


def test_whoever_goes_on_has_run_the_branches_before(alexnet: Network) -> None:
    """Those of exits that are checked, and no others."""
    paths = alexnet.graph.paths
    whole, branches = np.array([path.macs for path in paths]), branch_macs(paths)
    assert branches[-1] == 0
    checked = np.array([True, True, False, False, False])
    everyone = np.eye(len(paths))
    expected = [whole[0], whole[1] + branches[0], *(whole[2:] + branches[0] + branches[1])]
    assert np.asarray(expected_macs(paths, checked, everyone)).tolist() == expected
    half = np.array([0.5, 0, 0, 0, 0.5])
    assert expected_macs(paths, checked, half) == (expected[0] + expected[4]) / 2
    assert expected_macs(paths, np.zeros(5, np.bool_), everyone[4]) == whole[4]


def test_an_exit_from_the_input_spares_all_of_a_deeper_one(resizing_network: Network) -> None:
    """Its own layers are a quarter of that; exit 1, behind the first layers, is not on the way to it."""
    paths = resizing_network.graph.paths
    assert worth_checking(paths).tolist() == [False, True, False]
    assert worth_checking([paths[0], replace(paths[1], layers=paths[2].layers), paths[2]]).sum() == 0


def test_of_many_exits_eight_are_checked_evenly_spread(alexnet: Network) -> None:
    """Fifteen exits behind the first layer: 2 to the 15 choices are too many."""
    path = alexnet.graph.paths[-1]
    many = [replace(path, leaves_after=1, layers=path.layers[:1])] * 15 + [path]
    checked = np.flatnonzero(worth_checking(many))
    assert checked.tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
