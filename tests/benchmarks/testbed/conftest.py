"""Where root is needed, and where it is not enough."""

import os
import subprocess

import pytest

from benchmarks.testbed import namespaces
from benchmarks.testbed.link.serial_line import TUN_DEVICE
from benchmarks.testbed.quota.group import group_of
from benchmarks.testbed.run_name import RunName


@pytest.fixture(scope="session")
def can_make_namespaces() -> None:
    """Skip where network namespaces cannot be made."""
    if problems := namespaces.missing():
        pytest.skip("; ".join(problems))
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("root here may not make network namespaces (no CAP_SYS_ADMIN?)")


@pytest.fixture(scope="session")
def can_make_lines() -> None:
    """Skip where there are no TUN interfaces."""
    try:
        os.close(os.open(TUN_DEVICE, os.O_RDWR))
    except OSError as error:
        pytest.skip(f"{TUN_DEVICE}: {error.strerror}")


@pytest.fixture(scope="session")
def can_slow_down() -> None:
    """Skip where no control group can be made."""
    group = group_of(RunName.claim())
    if group is None:
        pytest.skip("no control group hierarchy that freezes and counts is mounted")
    if not all(os.access(root.parents[1], os.W_OK) for root in (group.freezer, group.accounting)):
        pytest.skip("control groups cannot be written here")
