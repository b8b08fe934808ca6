"""The JSON Schema of wirebell.toml, generated from the code, so that editors complete and check the file.

`python -m monitor.schema` writes it to the file that is shipped.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from monitor.channels import CHANNELS
from monitor.sections import SCHEMES
from monitor.tables import FileTable

FILE = Path(__file__).with_name("wirebell.schema.json")


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12."""
    models: list[type[BaseModel]] = [FileTable, *(channel.Settings for channel in CHANNELS.values())]
    references, whole = models_json_schema([(model, "validation") for model in models])
    definitions = whole["$defs"]
    top: dict[str, Any] = definitions.pop("FileTable")
    tables = [_typed(definitions, references[CHANNELS[name].Settings, "validation"], name) for name in CHANNELS]
    top["properties"]["channels"]["additionalProperties"] = {"anyOf": [_short_form(), *tables]}
    tidied: dict[str, Any] = _tidied({**top, "$defs": dict(sorted(definitions.items()))})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "wirebell.toml", **tidied}


def as_text() -> str:
    """The schema as it is shipped."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _typed(definitions: dict[str, Any], reference: dict[str, Any], name: str) -> dict[str, Any]:
    """A reference to the settings of a channel, whose table must name its type."""
    table = definitions[reference["$ref"].rpartition("/")[2]]
    table["properties"]["type"] = {"const": name, "type": "string"}
    table["required"] = sorted({*table.get("required", ()), "type"})
    return reference


def _tidied(node: Any) -> Any:
    """Without titles that repeat the key, and without null and the defaults that TOML cannot write."""
    if isinstance(node, list):
        return [_tidied(one) for one in node if one != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _tidied(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and (value is None or isinstance(value, dict)))
    }
    match kept:
        case {"anyOf": [only], **others}:
            return {**only, **others}
    return kept


def _short_form() -> dict[str, Any]:
    kinds = [*CHANNELS, *SCHEMES]
    return {"type": "string", "pattern": f"^(\\$\\{{|({'|'.join(kinds)}):)", "examples": [f"{kind}:" for kind in kinds]}


if __name__ == "__main__":
    FILE.write_text(as_text(), "utf-8")
