"""Reading a spec: typed and frozen, or every problem at once with its place."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION
from edgent.errors import SpecError
from edgent.spec import read_spec
from edgent.spec.codecs_section import CodecsSection

GOOD = """\
version: 1
name: tiny
model: {file: tiny/network.onnx}
input: {shape: [1, 28, 28], labels: [a, b]}
exits:
  - {name: exit1, accuracy: 0.5}
  - {name: exit2, accuracy: null}
"""
ROOT = Path(__file__).parents[2]


def _spec(folder: Path, text: str) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read_spec(_spec(folder, text))
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("name", ["lenet", "alexnet"])
def test_the_shipped_pipelines_are_good(name: str) -> None:
    """What ships can be read, and its files lie beside it."""
    spec = read_spec(ROOT / "pipelines" / f"{name}.yaml")
    assert spec.name == name
    assert spec.resolve(spec.model.file) == ROOT / "pipelines" / name / "network.onnx"


def test_defaults_units_and_paths(tmp_path: Path) -> None:
    """Seconds inside, files relative to the spec, exits in order."""
    spec = read_spec(_spec(tmp_path, GOOD))
    assert spec.latency_requirement_s == 0.1
    assert spec.resolve(spec.model.file) == tmp_path / "tiny/network.onnx"
    assert spec.exit_names == ("exit1", "exit2")
    assert spec.edge.inference_url == "http://127.0.0.1:8080"


def test_provider_options(tmp_path: Path) -> None:
    """Options stand below the name of their provider, in either section."""
    options = "{CUDAExecutionProvider: {device_id: 1, prefer_nhwc: true}}"
    text = f"{GOOD}edge: {{providers: [CUDAExecutionProvider], provider_options: {options}}}\n"
    spec = read_spec(_spec(tmp_path, text))
    assert spec.edge.provider_options == {"CUDAExecutionProvider": {"device_id": 1, "prefer_nhwc": True}}
    assert spec.device.provider_options == {}


def test_paths_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``~`` is the user's home, for the token and for every other file; a user who is not there is named."""
    monkeypatch.setenv("HOME", "/home/somebody")
    text = GOOD.replace("tiny/network.onnx", "~/network.onnx") + "edge: {token_file: ~/key_file.json}\n"
    spec = read_spec(_spec(tmp_path, text))
    assert spec.resolve(spec.edge.token_file or "") == Path("/home/somebody/key_file.json")
    assert spec.resolve(spec.model.file) == Path("/home/somebody/network.onnx")
    with pytest.raises(SpecError, match=r"spec.yaml: ~nobody_of_that_name/x: no such user's home"):
        spec.resolve("~nobody_of_that_name/x")


def test_paths_are_shown_without_a_way_down_and_up(tmp_path: Path) -> None:
    """Unless a link leads up elsewhere: then the long way is the right one."""
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "inner")
    for folder, shown in (("real", "key.json"), ("link", "link/../key.json")):
        (tmp_path / folder / "spec.yaml").write_text(GOOD, encoding="utf-8")
        spec = read_spec(tmp_path / folder / "spec.yaml")
        assert str(spec.resolve("../key.json")) == str(tmp_path / shown)


@pytest.mark.parametrize("url", ["http://edge:8080/", "https://edge/torchserve/v1/", "http://[::1]:8080"])
def test_urls_may_end_in_a_path(tmp_path: Path, url: str) -> None:
    """A slash at the end, and the path of a proxy, are as people write them."""
    assert read_spec(_spec(tmp_path, f"{GOOD}edge: {{inference_url: '{url}'}}\n")).edge.inference_url == url


def test_a_spec_is_frozen(tmp_path: Path) -> None:
    """Nothing changes a spec once it is read."""
    with pytest.raises(ValidationError, match="frozen"):
        read_spec(_spec(tmp_path, GOOD)).name = "other"


def test_all_problems_at_once_with_line_and_path(tmp_path: Path) -> None:
    """One reading tells everything: unknown keys, wrong types, missing ones, values out of range."""
    text = GOOD.replace("version: 1", "version: '1'").replace("accuracy: 0.5", "acuracy: 0.5")
    text = (
        text.replace("shape: [1, 28, 28]", "shape: [1, 28.5, 28]")
        + "latency_requirement_ms: -3\nlatencyy: measured\n"
    )
    assert _problems(tmp_path, text) == [
        "spec.yaml:1: version: input should be 1, not '1'",
        "spec.yaml:4: input.shape.1: input should be a valid integer, not 28.5",
        "spec.yaml:6: exits.0.acuracy: unknown key; did you mean accuracy?",
        "spec.yaml:8: latency_requirement_ms: input should be greater than 0, not -3",
        "spec.yaml:9: latencyy: unknown key; did you mean latency?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("name: tiny\n", "", "spec.yaml:1: name: required, but not there"),
        (
            "name: tiny",
            "name: a/b",
            "spec.yaml:2: name: should be a letter, and then letters, digits, _ and -, not 'a/b'",
        ),
        ("name: tiny", "name: tiny\nname: tiny", "spec.yaml:3: name: given twice"),
        ("tiny/network.onnx", '"tiny\\0.onnx"', "spec.yaml:3: model.file: a NUL is no character"),
        ("exit2", "exit1", "spec.yaml:5: exits: exit1 is declared more than once"),
        (
            "name: tiny",
            "name: tiny\nplacement: {input_stays: true}",
            "spec.yaml:3: placement.input_stays: without windows",
        ),
        (
            "name: tiny",
            "name: tiny\nobjective: bytes\nbandwidth: {policy: expected}",
            "spec.yaml:4: bandwidth.policy: expected chooses by accuracy",
        ),
        (
            "name: tiny",
            "name: tiny\nleast_accuracy: 0.8",
            "spec.yaml:3: least_accuracy: 0.8 says nothing beside objective: accuracy",
        ),
        (
            "accuracy: 0.5",
            "accuracy: true",
            "spec.yaml:6: exits.0.accuracy: input should be a valid number, not True",
        ),
        ("accuracy: 0.5", "accuracy: .nan", "spec.yaml:6: exits.0.accuracy: input should be"),
        (
            "accuracy: 0.5",
            "accuracy: 75",
            "spec.yaml:6: exits.0.accuracy: input should be less than or equal to 1",
        ),
        (
            "labels: [a, b]",
            "labels: ab",
            "spec.yaml:4: input.labels: input should be a valid array, not 'ab'",
        ),
        ("{file: tiny/network.onnx}", "network.onnx", "spec.yaml:3: model: "),
        ("file: ", "sha256: 12, file: ", "spec.yaml:3: model.sha256: input should be a valid string, not 12"),
        (
            "exits:",
            "codecs: {input: [gzip]}\nexits:",
            "spec.yaml:5: codecs.input.0: no codec 'gzip'; there are file, float32, jpeg, raw, uint4, ",
        ),
        (
            "exits:",
            "codecs: {input: [jpg]}\nexits:",
            "spec.yaml:5: codecs.input.0: no codec 'jpg'; did you mean 'jpeg'?",
        ),
        (
            "exits:",
            "codecs: {activation: [float32, webp]}\nexits:",
            "spec.yaml:5: codecs.activation.1: codec 'webp' carries no activation; those that do",
        ),
        (
            "exits:",
            "range: {bandwidth_kbps: [100, 50]}\nexits:",
            "spec.yaml:5: range.bandwidth_kbps: the range runs from 100.0 down to 50.0",
        ),
        ("exits:", "zzz: 1\nexits:", "spec.yaml:5: zzz: unknown key; known here: bandwidth, codecs,"),
        (
            "exits:",
            "edge: {inference_url: 'ftp://x'}\nexits:",
            "spec.yaml:5: edge.inference_url: 'ftp://x' is no address of an edge: write http",
        ),
        (
            "exits:",
            "edge: {grpc_url: 'grpc://x:1/edge'}\nexits:",
            "spec.yaml:5: edge.grpc_url: 'grpc://x:1/edge': gRPC knows no path",
        ),
        (
            "exits:",
            "device: {provider_options: {CPUExecutionProvide: {a: 1}}}\nexits:",
            "spec.yaml:5: device.provider_options: 'CPUExecutionProvide' is no provider of this section; did",
        ),
    ],
)
def test_each_mistake_is_told_where_it_stands(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """One mistake, one line, at its place."""
    problems = _problems(tmp_path, GOOD.replace(old, new, 1))
    assert len(problems) == 1
    assert problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is empty"),
        ("- 1", "this is a list"),
        ("hello", "this is a text"),
        ("a: [1", "spec.yaml:1: not valid YAML"),
        ("a: !!python/object/apply:os.system ['true']", "not valid YAML: could not determine a constructor"),
        ("a: !!int x", "not valid YAML: invalid literal for int()"),
        pytest.param(f"a: {'9' * 5000}", "a whole number of 5,000 characters, where 300 are", id="digits"),
        pytest.param(f"a: 0x{'f' * 5000}", "a whole number of 5,002 characters", id="hexadecimal digits"),
    ],
)
def test_what_is_no_spec_at_all(tmp_path: Path, text: str, message: str) -> None:
    """Empty, lists, broken YAML and YAML that would run Python."""
    assert message in "\n".join(_problems(tmp_path, text))


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("[0, 1, 2]", ("0", "1", "2")),
        ("[yes, no]", ("yes", "no")),
        ("[on, off, true, FALSE]", ("on", "off", "true", "FALSE")),
        ("[007, 1e3]", ("007", "1e3")),
        ("[1.50, 0x1F, 1_000, 2024-01-01, 1:30]", ("1.50", "0x1F", "1_000", "2024-01-01", "1:30")),
        ("[null, ~]", ("null", "~")),
        ("['0', \"yes\", two words]", ("0", "yes", "two words")),
        ("\n    - 12\n    - no", ("12", "no")),
    ],
)
def test_labels_are_the_text_that_is_written(tmp_path: Path, written: str, labels: tuple[str, ...]) -> None:
    """Whatever number, boolean or date a label would be elsewhere, with quotes or without."""
    text = GOOD.replace(
        "{shape: [1, 28, 28], labels: [a, b]}", f"\n  shape: [1, 28, 28]\n  labels: {written}"
    )
    assert read_spec(_spec(tmp_path, text)).input.labels == labels


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("\n    - a\n    -", "spec.yaml:8: input.labels.1: input should be a valid string, not None"),
        ("\n    - a\n    - [b]", "spec.yaml:8: input.labels.1: input should be a valid string"),
        ("12", "spec.yaml:6: input.labels: input should be a valid array, not 12"),
    ],
)
def test_labels_that_are_no_text(tmp_path: Path, written: str, problem: str) -> None:
    """An empty item, a list in the list, and no list at all are told with their lines."""
    text = GOOD.replace(
        "{shape: [1, 28, 28], labels: [a, b]}", f"\n  shape: [1, 28, 28]\n  labels: {written}"
    )
    assert _problems(tmp_path, text) == [problem]


def test_only_true_and_false_are_booleans(tmp_path: Path) -> None:
    """YAML 1.2: yes and off are text, so that a boolean key refuses them."""
    for written, wanted in (("true", True), ("True", True), ("FALSE", False)):
        text = f"{GOOD}windows: {written}\n"
        assert read_spec(_spec(tmp_path, text)).windows is wanted
    assert _problems(tmp_path, f"{GOOD}windows: off\n") == [
        "spec.yaml:8: windows: input should be a valid boolean, not 'off'"
    ]


def test_a_hedge_is_on_off_or_eager(tmp_path: Path) -> None:
    """What else is written is refused in one line."""
    for written, wanted in (("true", True), ("false", False), ("eager", "eager")):
        text = f"{GOOD}device: {{hedge: {written}}}\n"
        assert read_spec(_spec(tmp_path, text)).device.hedge == wanted
    for written, said in (("off", "'off'"), ("1", "1"), ("0", "0"), ("1.0", "1.0")):
        assert _problems(tmp_path, f"{GOOD}device: {{hedge: {written}}}\n") == [
            f"spec.yaml:8: device.hedge: input should be True, False or 'eager', not {said}"
        ]


def test_numbers_with_an_exponent(tmp_path: Path) -> None:
    """YAML 1.2: 1e3 is a number, as it is to the library that edits specs."""
    assert read_spec(_spec(tmp_path, f"{GOOD}latency_requirement_ms: 1e3\n")).latency_requirement_s == 1.0


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pipelines/birds.yml", "pipelines/birds.yaml"),
        ("pipelines/brids.yaml", "pipelines/birds.yaml"),
        ("birds", "pipelines/birds.yaml"),
        ("alexnt", "alexnet"),
    ],
)
def test_a_name_that_is_nearly_right(
    name: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file beside it, or a pipeline that ships, is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "birds.yaml").touch()
    with pytest.raises(SpecError, match=rf"No such file or directory; did you mean {meant}\?$"):
        read_spec(Path(name))


def test_a_network_is_no_spec(tmp_path: Path) -> None:
    """However large it is; the message says what makes a spec of it."""
    file = tmp_path / "network.onnx"
    file.write_bytes(bytes(range(256)))
    with pytest.raises(SpecError, match=r"name its spec, a YAML file \(`edgent new NAME --model .*network"):
        read_spec(file)


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    """The message names the file and a way on."""
    with pytest.raises(SpecError, match=r"nowhere.yaml: cannot be read: No such file.*pipelines/lenet.yaml"):
        read_spec(tmp_path / "nowhere.yaml")
    with pytest.raises(SpecError, match="Is a directory"):
        read_spec(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(bytes(range(128, 256)))
    with pytest.raises(SpecError, match="not a text file"):
        read_spec(tmp_path / "binary.yaml")
    (tmp_path / "large.yaml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(SpecError, match="at most 1048576"):
        read_spec(tmp_path / "large.yaml")


@pytest.mark.parametrize(
    "doubled", ["a{n}: &a{n} [*a{before}, *a{before}]", "a{n}: &a{n} {{<<: [*a{before}, *a{before}]}}"]
)
def test_aliases_that_multiply_are_refused(tmp_path: Path, doubled: str) -> None:
    """A spec of some lines would else take all memory."""
    lines = ["a0: &a0 {b: c}", *(doubled.format(n=n, before=n - 1) for n in range(1, 60))]
    assert _problems(tmp_path, "\n".join(lines)) == [
        "spec.yaml: its aliases stand for more than 2097152 characters; write out what is needed of them"
    ]


def test_an_alias_is_what_it_stands_for(tmp_path: Path) -> None:
    """Two edges may say the same."""
    urls = "{inference_url: 'http://a:1', providers: &here [CPUExecutionProvider]}"
    text = f"{GOOD}edges: [{urls}, {{inference_url: 'http://b:1', providers: *here}}]\n"
    first, second = read_spec(_spec(tmp_path, text)).edges
    assert first.providers == second.providers == ("CPUExecutionProvider",)


@given(
    text=st.one_of(
        st.text(max_size=200),
        st.lists(st.sampled_from([*GOOD.split("\n"), ": ", "- ", "{", "&a ", "*a"])).map("\n".join),
    )
)
def test_any_text_gives_a_spec_or_a_spec_error(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No input brings anything but SpecError."""
    path = tmp_path_factory.getbasetemp() / "fuzzed.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        version = read_spec(path).version
    except SpecError as error:
        version, message = 1, str(error)
        assert "fuzzed.yaml" in message
    assert version == 1


def test_the_schema_knows_every_codec() -> None:
    """What a spec may name is what is built in."""
    fields = CodecsSection.model_json_schema()["properties"]
    names, auto = fields["input"]["anyOf"]
    assert auto["const"] == "auto"
    listed, rungs = names["items"]["anyOf"]
    assert listed["enum"] == ["raw", "webp", "jpeg", "file", "float32"]
    for name in ("jpeg30", "avif20@0.7", "webp5@0.05"):
        assert re.search(rungs["pattern"], name)
    assert not re.search(rungs["pattern"], "jpeg30@0.70")
    assert fields["activation"]["items"]["enum"] == list(CODECS.carrying(ACTIVATION))
