"""The fast tests on the other Pythons that edgent supports, and with the oldest dependencies.

`make test` is for the default Python and the newest ones. `make pythons` makes an environment for each
session outside the checkout. Torch is left out, for its default build has gigabytes and its CPU build is not
on every machine: tests that need it are skipped there.
"""

from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"  # pip brings them up to date
nox.options.error_on_missing_interpreters = True

EXTRAS = nox.project.load_toml("pyproject.toml")["project"]["optional-dependencies"]
TORCH = ("torch", "edgent")  # torch itself, torchserve, torch-model-archiver; and the extras by their names
WANTED = sorted(
    {
        line
        for name, extra in EXTRAS.items()
        for line in extra
        if name != "gpu" and not line.startswith(TORCH)  # both onnxruntimes bring the same module
    }
)


@nox.session(python=["3.10", "3.12", "3.13"])
def fast(session: nox.Session) -> None:
    """Unit tests: no TorchServe, no root, no torch."""
    session.install("--editable", ".", *WANTED)
    _run_fast_tests(session)


@nox.session(python="3.10", reuse_venv=False)  # the installer brings nothing down that is there
def oldest(session: nox.Session) -> None:
    """The same with the oldest versions that pyproject.toml names; what these require is new."""
    session.install("uv")
    python = str(Path(session.bin) / "python")
    oldest = ("--resolution", "lowest-direct")
    session.run_install("uv", "pip", "install", "--python", python, *oldest, "--editable", ".", *WANTED)
    _run_fast_tests(session, "-W", "default")  # what old packages warn of among themselves


def _run_fast_tests(session: nox.Session, *options: str) -> None:
    session.env["OMP_NUM_THREADS"] = session.env["OPENBLAS_NUM_THREADS"] = "1"  # as `make check` has it
    pytest = ("python", "-m", "pytest", "-m", "fast", "-n", "logical", "--maxprocesses", "4")
    session.run(*pytest, *options, *session.posargs)
