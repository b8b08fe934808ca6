"""A file is edited as a whole or not at all."""

from pathlib import Path
from typing import Any

import pytest

from monitor import fileedit
from rules.mistakes import Mistakes

TEXT = 'feeds = ["https://a.example/"] # one\n'


def edited(file: Path, after: str, **change: Any) -> str:
    """What is said of an edit that writes `after` and means `change`."""

    def edit(_: str, data: dict[str, Any]) -> str:
        data.update(change)
        return after

    with pytest.raises(Mistakes) as caught:
        fileedit.edit(file, edit, {}, plain=dict, what="its feeds are written")
    return str(caught.value)


@pytest.mark.parametrize("after", ["feeds = [", 'feeds = ["https://b.example/"]', ""])
def test_an_edit_that_says_something_else_is_not_written(tmp_path: Path, after: str) -> None:
    file = tmp_path / "wirebell.toml"
    file.write_text(TEXT)

    said = edited(file, after, feeds=["https://c.example/"])

    assert said == "wirebell.toml: its feeds are written in a way that only people can edit; edit it by hand"
    assert file.read_text() == TEXT
    assert [one.name for one in tmp_path.iterdir()] == ["wirebell.toml"]


def test_an_edit_that_brings_a_mistake_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "wirebell.toml"
    file.write_text(TEXT)

    assert edited(file, 'feeds = ["ftp://x/"]\n', feeds=["ftp://x/"]).startswith("wirebell.toml:1: feeds[0]")
    assert file.read_text() == TEXT
