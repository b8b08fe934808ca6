"""The house keeps its own rules: each library is known to one room, and the three packages come from one folder."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import monitor
import rules
import state

ROOT = Path(__file__).parents[1]
PACKAGES = ("monitor", "rules", "state")
HOME_OF = {
    "daachorse": ("rules/scanning.py",),
    "aiohttp": ("monitor/network.py", "monitor/commands/outside.py", "monitor/push_door.py"),
    "aiosmtpd": ("monitor/commands/outside.py",),
    "anyascii": ("rules/transliteration.py",),
    "apscheduler": ("monitor/calendar.py",),
    "cssselect": ("monitor/tables.py",),
    "feedparser": ("monitor/formats/rss_atom.py",),
    "lark": ("rules/query.py",),
    "lxml": ("monitor/formats/",),
    "protego": ("monitor/robots.py",),
    "re2": ("rules/regexes.py",),
    "rich": ("monitor/commands/", "monitor/channels/console.py"),
    "smtplib": ("monitor/channels/mail_smtp.py",),
    "sqlite3": ("state/",),
    "sqlite_utils": ("state/",),
    "tomlkit": ("monitor/feedtext.py", "monitor/tomltext.py"),
    "trafilatura": ("monitor/formats/article.py",),
    "typer": ("monitor/cli.py", "monitor/commands/"),
}
"""A file, or a folder of them."""


def imports_of(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def files(*packages: str) -> list[Path]:
    return [file for package in packages for file in (ROOT / package).rglob("*.py")]


@pytest.mark.parametrize("library", HOME_OF)
def test_each_library_is_known_to_its_home(library: str) -> None:
    rooms = {str(file.relative_to(ROOT)) for file in files(*PACKAGES) if library in imports_of(file)}

    assert rooms
    assert [room for room in rooms if not room.startswith(HOME_OF[library])] == []


def test_nothing_below_the_upper_storey_waits_or_reads_the_clock() -> None:
    """So no transaction is held open over an await, and a decision depends on its arguments alone."""
    waiting = ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor
    for file in files("rules", "state"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            assert not isinstance(node, waiting), file
            asked = node.func if isinstance(node, ast.Call) else None
            assert not (isinstance(asked, ast.Attribute) and asked.attr in ("now", "utcnow", "today")), file


def test_a_package_is_its_name_and_nothing_else() -> None:
    """Another distribution may bring a package of the same name and overwrite its first file."""
    for package in ("rules", "state"):
        (docstring,) = ast.parse((ROOT / package / "__init__.py").read_text("utf-8")).body
        assert isinstance(docstring, ast.Expr)


def test_the_three_packages_come_from_one_folder() -> None:
    assert len({Path(str(package.__file__)).parent.parent for package in (rules, state, monitor)}) == 1


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["version"] == monitor.VERSION


def test_the_daemon_never_loads_feedparser() -> None:
    code = "import sys, monitor.cli; sys.exit('feedparser' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
