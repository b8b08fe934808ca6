"""The configuration that `wirebell init` writes: commented, valid as it is, with a webhook secret of its own."""

import os
import secrets
from base64 import b64encode
from pathlib import Path

from monitor.config import NAME
from monitor.schema import FILE as SCHEMA
from rules.mistakes import mistake

STARTER = Path(__file__).with_name("starter.toml")

SECRET_BYTES = 32
"""Standard Webhooks ask for 24 to 64."""


def write_starter(directory: Path) -> Path:
    """Write `directory`/wirebell.toml, readable by its owner alone. Raises Mistakes where there is one already."""
    path = directory / NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        what = "this is not a folder" if not directory.is_dir() else "there is one already, and it stays as it is"
        raise mistake(str(path), what, "name another folder") from None
    except OSError as error:
        raise mistake(str(path), f"it cannot be written: {error.strerror}", "name another folder") from None
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(starter_text())
    return path


def starter_text() -> str:
    """The starter with a fresh secret, and where editors find the schema of the file."""
    secret = f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    text = STARTER.read_text("utf-8").replace('"whsec_"', f'"{secret}"')
    return f"#:schema {SCHEMA.resolve().as_uri()}\n{text}"
