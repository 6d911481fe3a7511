"""Reading a page's blocks, and holding quotations against what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tutorials.page import Block, Step, blocks
from tests.tutorials.quoted import agrees

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """\
# A page

```sh
first
```

<!-- not run: there is no cluster here -->
```console
$ second
```

<!-- not run: -->

```sh
third
```

<!-- measured -->

- in a list

  ```python
  fourth()
  ```

```yaml
fifth: 5
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with a block of each kind."""
    file = tmp_path / "page.md"
    file.write_text(PAGE, encoding="utf-8")
    return file


def test_blocks_in_order_with_their_marks(page: Path) -> None:
    """A mark is for the next block alone; blocks in lists lose their indentation."""
    found = blocks(page)
    assert [(block.language, block.text.strip(), block.line, block.not_run) for block in found] == [
        ("sh", "first", 3, None),
        ("console", "$ second", 8, "there is no cluster here"),
        ("sh", "third", 14, ""),
        ("python", "fourth()", 22, None),
        ("yaml", "fifth: 5", 26, None),
    ]
    assert [block.is_run for block in found] == [True, False, False, True, False]


def test_a_console_has_commands_and_what_they_print(page: Path) -> None:
    """A command goes on behind a backslash; another kind of block is one step."""
    text = "$ one --a \\\n  --b\nprinted\nmore\n$ two\n"
    assert Block(page, "console", text, 1).steps() == [
        Step("one --a \\\n  --b", "printed\nmore"),
        Step("two"),
    ]
    assert Block(page, "sh", "one\ntwo\n", 1).steps() == [Step("one\ntwo\n")]


def test_a_console_without_a_prompt_is_a_mistake(page: Path) -> None:
    """It would be run as nothing."""
    with pytest.raises(ValueError, match=r"page\.md:7: a console block begins"):
        Block(page, "console", "one\n", 7).steps()


def test_dots_may_stand_for_nothing() -> None:
    """At either end, too: some lines are printed in a terminal alone."""
    assert agrees("...\nfirst\n...\nsecond ...", "first\nsecond\n")
    assert not agrees("...\nfirst\n...", "fir\n")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("14 of 1,300 in 2.5 ms\n  ━━━━━━━━\n97d4c5e41a09 at 127.0.0.1:21001\nand so on", True),
        ("13 of 9 in 12.0 ms ━━ abcdef012345 at 127.0.0.1:8080 and\nand so on", True),
        ("14 of 1,300 in 2.5 s\n  ━━━━━━━━\n97d4c5e41a09 at 127.0.0.1:21001\nand so on", False),
        ("14 of 1,300 in 2.5 ms\n  ━━━━━━━━\n97d4c5e41a09 at 127.0.0.1:21001\nand", False),
    ],
)
def test_numbers_may_differ_and_words_may_not(printed: str, expected: bool) -> None:
    """Digests and the lengths of rules may, too; dots stand for anything."""
    quoted = "1 of 2 in 3.0 ms\n────\n0123456789ab at 127.0.0.1:8080\n...so on"
    assert agrees(quoted, printed) is expected
