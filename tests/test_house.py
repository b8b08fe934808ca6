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
    "apscheduler": {"monitor/daemon.py"},
    "feedparser": {"monitor/formats/rss_atom.py"},
    "lark": {"rules/query.py"},
    "re2": {"rules/query.py", "rules/operators.py", "rules/terms.py", "rules/regexes.py"},
    "smtplib": {"monitor/channels/mail.py"},
    "tomlkit": {"monitor/feedlist.py", "monitor/draft.py"},
    "aiosmtpd": {"monitor/commands/demo.py"},
}


def imports_of(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("library", HOME_OF)
def test_each_library_is_known_to_its_home(library: str) -> None:
    rooms = {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if library in imports_of(file)
    }

    assert rooms
    assert rooms <= HOME_OF[library]


def test_sql_is_spoken_in_one_storey() -> None:
    speakers = {
        file.relative_to(ROOT).parts[0]
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if imports_of(file) & {"sqlite3", "sqlite_utils"}
    }

    assert speakers == {"state"}


def test_the_three_packages_come_from_one_folder() -> None:
    assert len({Path(str(package.__file__)).parent.parent for package in (rules, state, monitor)}) == 1


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["version"] == monitor.VERSION


def test_the_daemon_never_loads_feedparser() -> None:
    code = "import sys, monitor.cli; sys.exit('feedparser' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
