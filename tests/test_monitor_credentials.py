"""Secrets are put where the file names them, and what cannot be found is told without what could."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.credentials import LARGEST, Replaced, replace_secrets


def replaced(value: Any, folder: Path = Path("/nowhere"), environ: dict[str, str] | None = None) -> Replaced:
    return replace_secrets({"key": value}, folder, environ or {})


def problem(value: str, folder: Path = Path("/nowhere"), environ: dict[str, str] | None = None) -> str:
    """What is wrong with `value`, which stays as it is."""
    found = replaced(value, folder, environ)
    assert found.data == {"key": value}
    (one,) = found.problems
    assert one.path == ("key",)
    return f"{one.what}; {one.remedy}"


def test_a_name_is_replaced_from_the_environment_wherever_it_stands() -> None:
    written = {"a": ["${ONE}", {"b": "x${ONE}y${TWO}z"}], "c": 5}

    found = replaced(written, environ={"ONE": "1", "TWO": "${ONE}"})

    assert found.data["key"] == {"a": ["1", {"b": "x1y${ONE}z"}], "c": 5}
    assert found.secrets == {"1", "${ONE}"}


def test_a_credential_of_systemd_comes_before_the_environment(tmp_path: Path) -> None:
    (tmp_path / "TOKEN").write_text("from the folder\n", "utf-8")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "TOKEN": "from the environment", "OTHER": "only there"}

    assert replaced("${TOKEN}, ${OTHER}", environ=environ).data["key"] == "from the folder, only there"


def test_a_folder_of_credentials_is_named_by_its_unit(tmp_path: Path) -> None:
    (tmp_path / "secret_TOKEN").write_text("sesame", "utf-8")

    assert replaced("${TOKEN}", environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}).data["key"] == "sesame"


def test_a_file_is_named_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "slack").write_text("sesame\r\n", "utf-8")
    (tmp_path / "keys" / "slack").chmod(0o600)

    found = replaced("slack:${file:keys/slack}", tmp_path)

    assert found.data["key"] == "slack:sesame"
    assert found.warnings == ()


def test_a_file_that_everybody_can_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "slack").write_text("sesame", "utf-8")
    (tmp_path / "slack").chmod(0o644)

    (warning,) = replaced("${file:slack}", tmp_path).warnings

    assert (warning.what, warning.remedy) == (
        f"everybody on this machine can read {tmp_path / 'slack'}", f"chmod 600 {tmp_path / 'slack'}"
    )  # fmt: skip


def test_two_dollars_are_the_characters_themselves() -> None:
    found = replaced("$${NAME} costs $5 and {this}")

    assert found.data["key"] == "${NAME} costs $5 and {this}"
    assert not found.secrets


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("${NOT_THERE}", "${NOT_THERE} is neither a credential nor in the environment; set NOT_THERE, or"),
        ("${EMPTY}", "${EMPTY} is empty; set it, or take it out"),
        ("${file:empty}", "${file:empty} is empty"),
        ("${}", "${...} holds neither a NAME nor file:PATH; write $${ for the characters themselves"),
        ("${two words}", "${...} holds neither"),
        ("${../../etc/passwd}", "${...} holds neither"),
        ("${file:}", "${file:} cannot be read: Is a directory"),
        ("${file:nowhere}", "${file:nowhere} cannot be read: No such file or directory; give a file that can be"),
        ("${file:a\x00b}", "cannot be read: no file can be called so"),
        ("${file:~nobody-of-this-name/x}", "cannot be read: No such file or directory"),
        ("${file:/dev/zero}", "${file:/dev/zero} is larger than 64 kB; give a file with the secret alone"),
        ("${file:binary}", "${file:binary} is not UTF-8 text; give a file with the secret alone"),
    ],
)
def test_what_cannot_be_found_is_told(tmp_path: Path, value: str, said: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    (tmp_path / "empty").write_text("\n", "utf-8")

    assert said in problem(value, tmp_path, {"EMPTY": ""})


def test_a_large_credential_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "TOKEN").write_bytes(b"x" * (LARGEST + 1))

    assert "larger than 64 kB" in problem("${TOKEN}", environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})


@settings(deadline=None)
@given(st.recursive(st.text() | st.integers() | st.booleans(), st.lists, max_leaves=8))
def test_what_names_no_secret_stays_as_it_is(value: Any) -> None:
    assert replaced(value).data == {"key": value} or "${" in str(value)
