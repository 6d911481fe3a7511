"""The fast tests on the other Pythons that edgent supports; `make test` is for the default one.

`make pythons` makes an environment for each outside the checkout. Torch is left out, for its default build
has gigabytes and its CPU build is not on every machine: tests that need it are skipped there.
"""

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"  # pip brings them up to date
nox.options.error_on_missing_interpreters = True

EXTRAS = nox.project.load_toml("pyproject.toml")["project"]["optional-dependencies"]
TORCH = ("torch", "edgent")  # torch itself, torchserve, torch-model-archiver; and the extras by their names


@nox.session(python=["3.10", "3.12", "3.13"])
def fast(session: nox.Session) -> None:
    """Unit tests: no TorchServe, no root, no torch."""
    wanted = {line for extra in EXTRAS.values() for line in extra if not line.startswith(TORCH)}
    session.install("--editable", ".", *sorted(wanted))
    session.env["OMP_NUM_THREADS"] = session.env["OPENBLAS_NUM_THREADS"] = "1"  # as `make check` has it
    session.run(
        "python", "-m", "pytest", "-m", "fast", "-n", "logical", "--maxprocesses", "4", *session.posargs
    )
