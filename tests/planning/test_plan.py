"""The text form of a plan."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.errors import PlanError
from edgent.planning.plan import Plan

names = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)
plans = st.builds(
    Plan, exit=names, stop=st.integers(0, 40), codec_up=names, codec_down=names, leaves_early=st.booleans()
)


@given(plan=plans)
def test_every_plan_survives_its_text_form(plan: Plan) -> None:
    """Parsing what is printed gives the plan back."""
    assert Plan.parse(str(plan)) == plan


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("exit3:p7", Plan("exit3", 7, "raw", "float32")),
        ("exit3:p7:uint8", Plan("exit3", 7, "raw", "uint8")),
        ("exit3:p7:webp:float32", Plan("exit3", 7, "webp", "float32")),
        ("exit3:p7:webp:uint8", Plan("exit3", 7, "webp", "uint8")),
        ("exit3:p0", Plan("exit3", 0)),
        ("exit3:p0", Plan.device_only("exit3")),
        ("exit3:p2-p9", Plan("exit3", 9, "float32", "float32", start=2)),
        ("exit3:p2-p9:uint8", Plan("exit3", 9, "float32", "uint8", start=2)),
        ("exit3:p2-p9:uint8:float32", Plan("exit3", 9, "uint8", start=2)),
        ("exit3:p2-p9:raw:float32", Plan("exit3", 9, "raw", start=2)),
        ("exit3:p0+early", Plan("exit3", 0, leaves_early=True)),
        ("exit3:p2-p9:uint8+early", Plan("exit3", 9, "float32", "uint8", start=2, leaves_early=True)),
    ],
)
def test_the_shortest_form_is_printed(text: str, plan: Plan) -> None:
    """Codecs that are the default are left out where that is unambiguous."""
    assert Plan.parse(text) == plan
    assert str(plan) == text


def test_longer_forms_are_understood() -> None:
    """Defaults may be spelt out, and blanks around are forgiven."""
    assert Plan.parse(" exit3:p7:raw:float32\n") == Plan("exit3", 7)
    assert Plan.parse("exit3:p0-p7") == Plan("exit3", 7)
    assert Plan.parse("exit3:p2-p9:float32:float32") == Plan("exit3", 9, start=2)


def test_an_empty_window_is_device_only() -> None:
    """Wherever it lies."""
    assert Plan.parse("exit3:p4-p4:uint8") == Plan("exit3", 4, start=4) == Plan.device_only("exit3")
    assert not Plan.parse("exit3:p4-p4").remote


def test_device_only_plans_have_no_codecs() -> None:
    """Nothing travels, so plans that differ only in codecs are one."""
    assert Plan("exit3", 0, "webp", "uint8") == Plan.parse("exit3:p0:jpeg:uint8") == Plan("exit3", 0)
    assert str(Plan("exit3", 0, "webp", "uint8")) == "exit3:p0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "exit3",
        "exit3:7",
        "exit3:p",
        "exit3:p-1",
        ":p3",
        "exit3:p7:",
        "exit3:p7:a:b:c",
        "exit 3:p7",
        "exit3:p9-p2",
        "exit3:p2-9",
        "exit3:p2-",
        "exit3:p2-p3-p4",
        "e:p٣",
        "exit3:p7+late",
        "exit3+early:p7",
    ],
)
def test_other_texts_are_refused_with_the_accepted_form(text: str) -> None:
    """The message shows the text and what would have been accepted."""
    with pytest.raises(PlanError, match="is no plan; expected EXIT:pPOINT") as refused:
        Plan.parse(text)
    assert repr(text) in str(refused.value)


def test_what_is_no_text_is_refused_as_other_texts_are() -> None:
    """A partition point alone is no plan."""
    with pytest.raises(PlanError, match=r"^5 is no plan; expected EXIT:pPOINT"):
        Plan.parse(5)  # type: ignore[arg-type]  # as a program without types may


@pytest.mark.parametrize(
    "fields", [("", 1), ("a:p1", 2), ("exit3", -1), ("exit3", 1, "we bp"), ("exit3", 2, "", "raw", 3)]
)
def test_fields_that_would_not_survive_are_refused(fields: tuple[Any, ...]) -> None:
    """A plan that could not be written down is not made."""
    with pytest.raises(PlanError, match="is no plan"):
        Plan(*fields)
