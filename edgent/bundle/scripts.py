"""What makes a device of a bundle, there: scripts for a shell, and what to read first."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from edgent.extras import EXTRA_OF

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_IMPORTED = ("edgent.starting", "device_runtime.cli", "rich.emoji")
"""What every start loads; the last is loaded when something is first printed."""

INSTALL = """\
#!/bin/sh
# Makes a Python environment for this bundle: sh install.sh [FOLDER], by default env beside this file.
# Packages that lie in wheels/ are taken from there; PIP_NO_INDEX=1 asks no server for the others.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
venv=${{1:-$here/env}}
python=${{PYTHON:-python3}}
"$python" -m venv --without-pip "$venv"
venv=$(CDPATH='' cd -- "$venv" && pwd)
"$python" -m pip --python "$venv/bin/python" install --quiet --no-compile --no-deps --only-binary=:all: \\
  --find-links "$here/wheels" --requirement "$here/requirements.txt" \\
  {wheels}
cd "$venv"/lib/python3*/site-packages
# What no device loads: onnxruntime for C programs, its tools, tests, compilers' helpers, fonts, languages.
rm -rf onnxruntime/capi/libonnxruntime.so* onnxruntime/transformers onnxruntime/quantization \\
  onnxruntime/tools onnxruntime/backend onnxruntime/datasets
rm -rf numpy/f2py numpy/distutils numpy/_core/include numpy/_core/lib numpy/_core/_simd*.so \\
  numpy/_core/*_tests*.so
rm -rf PIL/_imagingft*.so PIL/_imagingcms*.so pillow.libs/libfreetype* pillow.libs/libharfbuzz* \\
  pillow.libs/libbrotli* pillow.libs/libpng* pillow.libs/liblcms2*
find . \\( -name '*.pyi' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \\) -delete
find numpy -type d -name tests -prune -exec rm -rf {{}} +
find pygments/lexers -name '*.py' ! -name __init__.py ! -name _mapping.py ! -name python.py -delete
# Byte code of what a device imports, so that it starts as quickly where nobody may write here.
PYTHONDONTWRITEBYTECODE='' "$venv/bin/python" -c 'import {imported}'
echo "$(du -sm "$venv" | cut -f1) MB in $venv"
"""

RUN = """\
#!/bin/sh
# Answers inputs: sh run.sh [options of edgent-device]. EDGENT_ENV names an environment elsewhere.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec "${{EDGENT_ENV:-$here/env}}/bin/edgent-device" --pipeline "$here/pipeline/{spec}" "$@"
"""

README = """\
# {name}, for a device

Made by `edgent bundle` with edgent {version} and Python {python}. The folder may be moved. Nothing in it
needs the network's ONNX file, nor the packages onnx or torch.

```
sha256sum --check --quiet SHA256SUMS   # whether the copy is whole
sh install.sh                          # makes env/ here, of requirements.txt and wheels/
sh run.sh                              # answers {inputs}
sh run.sh --help                       # what else it can do
```

It needs a 64-bit Linux and Python 3.10 or newer with venv and pip. For a device without a network, fetch its
packages into `wheels/` before (here for Python 3.11 on arm64):

```
pip download --no-deps --only-binary=:all: --platform manylinux_2_28_aarch64 \\
  --platform manylinux2014_aarch64 --platform manylinux_2_17_aarch64 --python-version 3.11 --dest wheels \\
  --requirement requirements.txt
PIP_NO_INDEX=1 sh install.sh
```

The edge's address is in `pipeline/{spec}`, or `--url`; its token is where `edge.token_file` says, or
`EDGENT_TOKEN_FILE`. Without an edge the device answers alone.
`env/bin/edgent profile pipeline/{spec} --node device` measures this device in place of the one before.
`env/` has no pip of its own: `python3 -m pip --python env/bin/python install PACKAGE` adds a package.
"""


def scripts(
    name: str, spec: str, wheels: Iterable[str], extras: Collection[str] = (), *, has_samples: bool
) -> dict[str, str]:
    """Texts by the names of their files.

    Args:
        name: the pipeline's.
        spec: the file name of its spec.
        wheels: the file names of those that are in the bundle.
        extras: of edgent, whose packages the device has, too.
        has_samples: whether the bundle has inputs to answer.
    """
    inputs = "the samples" if has_samples else "what --input names: an image, an array or a folder of these"
    readme = README.format(
        name=name, spec=spec, version=version("edgent"), python=platform.python_version(), inputs=inputs
    )
    install = INSTALL.format(
        wheels=" ".join(f'"$here/wheels/{wheel}"' for wheel in wheels),
        imported=", ".join([*_IMPORTED, *(module for module, extra in EXTRA_OF.items() if extra in extras)]),
    )
    return {"install.sh": install, "run.sh": RUN.format(spec=spec), "README.md": readme}
