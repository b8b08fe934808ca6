#!/usr/bin/env python3
"""Everything a person does with this repository: `python3 task.py demo | test | check | lock`.

Needs Python 3.11 with venv, pip and nothing else: each task makes the environment it runs in, from `locks/`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
LOCKS = ROOT / "locks"


class TaskError(Exception):
    """A sentence for the person at the terminal."""


def main(arguments: Sequence[str]) -> int:
    name, *rest = arguments or ["help"]
    task = TASKS.get(name)
    if task is None:
        print(__doc__, *(f"  {name:6} {task.__doc__}" for name, task in TASKS.items()), sep="\n", file=sys.stderr)
        return 0 if name in ("help", "-h", "--help") else 2
    try:
        return task(rest)
    except TaskError as failure:
        print(f"task.py {name}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def demo(arguments: Sequence[str]) -> int:
    """makes the environment and runs `wirebell demo` (arguments are passed on)"""
    make_environment("run")
    return run("wirebell", "demo", *arguments)


def test(arguments: Sequence[str]) -> int:
    """makes the environment and passes the tests (arguments go to pytest)"""
    make_environment("dev")
    return run("python", "-m", "pytest", "-n", "auto", *arguments)


def check(_: Sequence[str]) -> int:
    """makes the environment and runs the linters, the type checker and the import rule"""
    make_environment("dev")
    checks = (
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("mypy",),
        ("lint-imports", "--no-cache"),
    )
    return max(run(*command) for command in checks)


def lock(_: Sequence[str]) -> int:
    """writes `locks/` anew from pyproject.toml"""
    make_environment("dev")
    run("python", "-m", "pip", "install", "--quiet", "uv")
    common = (
        "pip",
        "compile",
        "pyproject.toml",
        "--universal",
        "--generate-hashes",
        "--python-version",
        "3.11",
        "--quiet",
        "--no-emit-index-url",
        "--custom-compile-command",
        "python3 task.py lock",
    )
    return max(
        run("uv", *common, "--group", "build", "-o", "locks/run.lock"),
        run("uv", *common, "--group", "dev", "-o", "locks/dev.lock"),
    )


TASKS = {"demo": demo, "test": test, "check": check, "lock": lock}


def make_environment(lock_name: str) -> None:
    """`.venv` as `locks/LOCK_NAME.lock` says; nothing is done where it is so already."""
    if sys.version_info < (3, 11):  # noqa: UP036  the person may start this with any Python
        raise TaskError(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; start it with python3.11 or newer"
        )
    wanted = _fingerprint(lock_name)
    made = ENVIRONMENT / "made-from"
    if made.is_file() and wanted in made.read_text("utf-8").split():
        return
    say(f"making the environment {ENVIRONMENT.name}/ from locks/{lock_name}.lock (a minute or two, once)")
    if not _program("python").exists():
        _venv()
    _pip("--require-hashes", "--requirement", str(LOCKS / f"{lock_name}.lock"))
    _pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    kept = made.read_text("utf-8") if made.is_file() else ""
    # The tests need what running needs, so their environment serves both.
    also = _fingerprint("run") if lock_name == "dev" else ""
    made.write_text(f"{kept} {wanted} {also}", "utf-8")


def _venv() -> None:
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=False, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        raise TaskError(
            "no environment could be made here; on Debian or Ubuntu `apt install python3-venv` helps\n"
            f"{done.stdout}{done.stderr}"
        )


def _pip(*arguments: str) -> None:
    command = [str(_program("python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise TaskError(f"pip could not install what is needed; is the network there?\n{done.stdout}{done.stderr}")


def _fingerprint(lock_name: str) -> str:
    what = (LOCKS / f"{lock_name}.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()
    return f"{lock_name}-{sys.version_info.major}.{sys.version_info.minor}-{hashlib.sha256(what).hexdigest()[:16]}"


def run(program: str, *arguments: str) -> int:
    say(" ".join((program, *arguments)))
    return subprocess.run([str(_program(program)), *arguments], check=False, cwd=ROOT).returncode


def _program(name: str) -> Path:
    return ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / (name + (sysconfig.get_config_var("EXE") or ""))


def say(text: str) -> None:
    print(f"== {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
