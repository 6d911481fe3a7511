"""What a spec uses of other packages: it goes with the bundle, is listed to be fetched, or is refused."""

from __future__ import annotations

import importlib
import subprocess
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING, Any

import pytest

from edgent.bandwidth.forecasts import FORECASTS
from edgent.bundle.folder import write_bundle
from edgent.bundle.other_packages import OtherPackage, other_packages
from edgent.bundle.requirements import device_requirements
from edgent.bundle.wheel import write_wheel
from edgent.core.codecs.raw import RawCodec
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.errors import ArchiveError
from edgent.network import Network
from edgent.planning.policies.registry import POLICIES
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.core.codecs.codec_registry import CodecRegistry
    from edgent.core.registry import Registry
    from tests.package_fixtures import MadeUpPackage

CODEC = """
from edgent.core.codecs.raw import RawCodec
class Mine(RawCodec):
    name, number, carries = "mine", 222, ("input",)
MINE = Mine()
"""
POLICY = """
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.registry import PolicyEntry
MINE = PolicyEntry("as another one", lambda setting: Hedged())
"""
FORECAST = """
from edgent.bandwidth.last_value import LastValueForecast
def MINE(prior):
    return LastValueForecast()
"""
MEASURE = """
class Mine:
    summary = "the largest probability"
    def of(self, probabilities):
        return probabilities.max(axis=1)
MINE = Mine()
"""
CARRIED = OtherPackage("made-up", "1.0", ("codec 'mine'",), ("made_up",), is_carried=True)
CODECS_OF_SPEC = "import sys; from edgent.spec import read_spec; print(read_spec(sys.argv[1]).codecs.input)"


@pytest.fixture
def spec(chain_network: Path, tmp_path: Path) -> Path:
    """A pipeline that offers a codec of another package."""
    file = write_tiny_spec(tmp_path / "spec", chain_network)
    file.write_text(f"{file.read_text()}codecs: {{input: [raw, mine]}}\n")
    return file


@pytest.fixture
def installed(codecs: CodecRegistry, made_up_package: MadeUpPackage, tmp_path: Path) -> Path:
    """That package, in the folder that it is installed in."""
    made_up_package(codecs, "mine = made_up:MINE", CODEC)
    return tmp_path / "site-packages"


@pytest.mark.slow
def test_a_package_goes_with_the_bundle(
    installed: Path,  # noqa: ARG001  it is there
    spec: Path,
    device_python: Path,
    tmp_path: Path,
) -> None:
    """Its wheel has a line in the script that installs; a device reads the spec with it, and not without."""
    written = write_bundle(Network.open(read_spec(spec), tmp_path / "cache"), tmp_path / "device")
    assert written.packages == (CARRIED,)
    assert ("other packages", 1) in [(part.name, part.files) for part in written.parts]
    wheel = tmp_path / "device" / "wheels" / "made_up-1.0-py3-none-any.whl"
    names = [name.removeprefix("made_up-1.0.dist-info/") for name in zipfile.ZipFile(wheel).namelist()]
    assert names == ["made_up.py", "METADATA", "entry_points.txt", "WHEEL", "RECORD"]
    assert f'"$here/wheels/{wheel.name}"' in (tmp_path / "device" / "install.sh").read_text()
    assert "made-up" not in (tmp_path / "device" / "requirements.txt").read_text()
    copied = tmp_path / "device" / "pipeline" / spec.name
    command = [str(device_python), "-c", CODECS_OF_SPEC, str(copied)]
    with_it, without = (
        subprocess.run(
            command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=False, timeout=60
        )
        for path in (str(wheel), "")
    )
    assert with_it.stdout == "('raw', 'mine')\n", with_it.stderr
    assert "no codec 'mine'" in without.stderr


def test_compiled_modules_are_not_carried(installed: Path, spec: Path) -> None:
    """They run on one kind of machine: the package is listed, to be fetched in the version of here."""
    (installed / "made_up").mkdir()
    (installed / "made_up.py").rename(installed / "made_up" / "__init__.py")  # nobody has imported it yet
    (installed / "made_up" / f"fast{EXTENSION_SUFFIXES[0]}").write_bytes(b"")
    importlib.invalidate_caches()
    (package,) = other_packages(read_spec(spec))
    assert not package.is_carried
    assert set(device_requirements([package])) == {*device_requirements(), "made-up==1.0"}


def test_a_second_module_of_a_package_goes_with_it(installed: Path, spec: Path, tmp_path: Path) -> None:
    """Entry points do not name it, the package's record does."""
    (installed / "made_up_tables.py").write_text("HALF = 0.5\n")
    record = "made_up.py,,\nmade_up_tables.py,,\nmade_up-1.0.dist-info/METADATA,,\n"
    (installed / "made_up-1.0.dist-info" / "RECORD").write_text(record)
    importlib.invalidate_caches()
    (package,) = other_packages(read_spec(spec))
    assert package.modules == ("made_up", "made_up_tables")
    wheel = write_wheel(tmp_path / "wheels", package.name, package.modules)
    assert {"made_up.py", "made_up_tables.py"} <= {*zipfile.ZipFile(wheel).namelist()}


def test_what_a_package_requires_is_listed(installed: Path, spec: Path) -> None:
    """Carried or not; edgent, which it requires, too, has no line."""
    with (installed / "made_up-1.0.dist-info" / "METADATA").open("a") as described:
        described.write("Requires-Dist: edgent\nRequires-Dist: nowhere-to-be-found>=2\n")
    packages = other_packages(read_spec(spec))
    assert packages == (CARRIED,)
    assert set(device_requirements(packages)) == {*device_requirements(), "nowhere-to-be-found>=2"}


def test_what_no_package_declares_is_refused(codecs: CodecRegistry, spec: Path) -> None:
    """A program or a notebook added it, which a device does not run."""
    codecs.add("mine", type("Mine", (RawCodec,), {"name": "mine", "number": 222})())
    with pytest.raises(ArchiveError, match=r"codec 'mine' .* no installed package.* of edgent\.codecs"):
        other_packages(read_spec(spec))


@pytest.mark.parametrize(
    ("registry", "module", "section"),
    [
        (POLICIES, POLICY, "bandwidth: {environment: dynamic, policy: mine}"),
        (FORECASTS, FORECAST, "bandwidth: {environment: dynamic, forecast: mine}"),
        (CONFIDENCES, MEASURE, "exit_rule: {measure: mine}"),
    ],
)
def test_whatever_a_spec_names(
    registry: Registry[Any],
    module: str,
    section: str,
    chain_network: Path,
    tmp_path: Path,
    made_up_package: MadeUpPackage,
) -> None:
    """Codecs are not all that packages can add."""
    made_up_package(registry, "mine = made_up:MINE", module)
    file = write_tiny_spec(tmp_path / "spec", chain_network)
    file.write_text(f"{file.read_text()}{section}\n")
    (package,) = other_packages(read_spec(file))
    assert package.declares == (f"{registry.kind} 'mine'",)


@pytest.mark.parametrize("name", ["lenet", "flowers"])
def test_shipped_pipelines_need_edgent_alone(name: str) -> None:
    """Their picture codecs of many qualities are edgent's own, too."""
    assert other_packages(read_spec(shipped_pipelines()[name])) == ()
