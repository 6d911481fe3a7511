"""Several edges in a spec: a list in place of the one section, with every mistake told at its line."""

from pathlib import Path

import pytest

from edgent.errors import SpecError
from edgent.spec import read_spec
from tests.spec.test_read import GOOD

EDGES = """\
edges:
  - name: hall
    inference_url: http://hall:8080
    profile: hall.yaml
  - inference_url: http://cellar:8080
    speed: 0.5
"""
FILES = "regressors: {device: device.yaml, edge: edge.yaml}\n"


def _written(folder: Path, text: str) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_edge_has_its_own_section(tmp_path: Path) -> None:
    """The first of them is what the spec's single edge is; an edge without a name is known by its address."""
    spec = read_spec(_written(tmp_path, GOOD + FILES + EDGES))
    assert [edge.known_as for edge in spec.edges] == ["hall", "http://cellar:8080"]
    assert spec.edge == spec.edges[0]
    assert [spec.of_edge(edge).edge_profile for edge in spec.edges] == ["hall.yaml", "edge.yaml"]
    assert [spec.of_edge(edge).edges for edge in spec.edges] == [(edge,) for edge in spec.edges]
    assert spec.edge_named("http://cellar:8080").speed == 0.5
    assert spec.file == tmp_path / "spec.yaml"


@pytest.mark.parametrize("text", ["", "edge: {inference_url: http://hall:8080}\n"])
def test_a_single_edge_is_a_list_of_one(tmp_path: Path, text: str) -> None:
    """And so is none at all."""
    spec = read_spec(_written(tmp_path, GOOD + text))
    assert spec.edges == (spec.edge,)
    assert spec.edge_profile is None


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    """With the nearest one."""
    spec = read_spec(_written(tmp_path, GOOD + EDGES))
    with pytest.raises(SpecError, match=r"spec\.yaml: no edge 'hal'; did you mean 'hall'\?"):
        spec.edge_named("hal")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{EDGES}edge: {{}}\n", "spec.yaml:8: edges: edge is there, too; leave one of the two out"),
        (
            EDGES.replace("    speed", "    sped"),
            "spec.yaml:13: edges.1.sped: unknown key; did you mean speed?",
        ),
        (EDGES.replace("0.5", "0"), "spec.yaml:13: edges.1.speed: input should be greater than 0"),
        (EDGES.replace("http://cellar:8080", "cellar"), "spec.yaml:12: edges.1.inference_url: "),
        ("edges: []\n", "spec.yaml:8: edges: "),
        (
            EDGES.replace("    speed: 0.5", "    name: hall"),
            "spec.yaml:8: edges: hall is listed more than once: give each edge another name",
        ),
        (
            EDGES.replace("speed: 0.5", "threads: 2"),
            "spec.yaml:8: edges: threads of http://cellar:8080 and of hall differ, but all edges serve",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """In the words of every other mistake."""
    with pytest.raises(SpecError) as caught:
        read_spec(_written(tmp_path, GOOD + text))
    assert str(caught.value).removeprefix(f"{tmp_path}/").startswith(problem)
