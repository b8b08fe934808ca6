"""The JSON Schema that is shipped is the one of the code, and what the documents show is valid by it."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.channels import CHANNELS
from monitor.schema import FILE, as_text

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SCHEMA: dict[str, Any] = json.loads(as_text())

SAID = {"$schema", "title", "description", "default", "examples", "format"}
"""Keywords that tell people something and decide nothing."""

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
}  # fmt: skip


def problems(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Where `value` is not what `schema` says, by the keywords that ours has."""
    return [problem for keyword in schema for problem in _problems(keyword, value, schema, at)]


def _problems(keyword: str, value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    wanted = schema[keyword]
    match keyword:
        case "$ref":
            yield from problems(value, SCHEMA["$defs"][wanted.rpartition("/")[2]], at)
        case "anyOf" if all(problems(value, one, at) for one in wanted):
            yield f"{at}: none of the forms"
        case "type" if not isinstance(value, TYPES[wanted]) or (wanted != "boolean" and isinstance(value, bool)):
            yield f"{at}: no {wanted}"
        case "const" | "enum" if value not in (wanted if keyword == "enum" else [wanted]):
            yield f"{at}: none of the words"
        case "pattern" if isinstance(value, str) and not re.search(wanted, value):
            yield f"{at}: not by the pattern"
        case "required":
            yield from (f"{at}.{key}: missing" for key in wanted if isinstance(value, dict) and key not in value)
        case "items":
            for number, one in enumerate(value if isinstance(value, list) else []):
                yield from problems(one, wanted, f"{at}[{number}]")
        case "properties" | "additionalProperties":
            yield from _of_keys(keyword, value if isinstance(value, dict) else {}, schema, at)


def _of_keys(keyword: str, value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for key, one in value.items():
        if keyword == "properties" and key in known:
            yield from problems(one, known[key], f"{at}.{key}")
        elif keyword == "additionalProperties" and key not in known:
            if schema[keyword] is False:
                yield f"{at}.{key}: unknown"
            elif schema[keyword] is not True:
                yield from problems(one, schema[keyword], f"{at}.{key}")


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        tables = {"properties", "$defs"}
        for key, one in node.items():
            for child in one.values() if key in tables else [one]:
                yield from _schemas(child)
    elif isinstance(node, list):
        for one in node:
            yield from _schemas(one)


def blocks() -> Iterator[Any]:
    for page in PAGES:
        found = re.findall(r"^```toml\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        for number, block in enumerate(found):
            yield pytest.param(block, id=f"{page.name}-{number}")


def test_the_file_that_is_shipped_is_the_one_of_the_code() -> None:
    assert FILE.read_text("utf-8") == as_text(), "run `python -m monitor.schema`"


def test_every_keyword_of_the_schema_is_known_here() -> None:
    decided = {
        *("$ref", "$defs", "anyOf", "type", "const", "enum", "pattern", "required", "items"),
        *("properties", "additionalProperties"),
    }
    used = {keyword for schema in _schemas(SCHEMA) for keyword in schema}

    assert used <= decided | SAID


@pytest.mark.parametrize("block", list(blocks()))
def test_what_the_documents_show_is_valid(block: str) -> None:
    assert problems(tomllib.loads(block), SCHEMA) == []


def test_the_starter_is_valid_with_and_without_its_examples() -> None:
    starter = (ROOT / "monitor" / "starter.toml").read_text("utf-8")
    whole = re.sub(r"^#(?=[\w\[])", "", starter, flags=re.MULTILINE)

    assert problems(tomllib.loads(starter), SCHEMA) == []
    assert problems(tomllib.loads(whole), SCHEMA) == []
    assert len(tomllib.loads(whole)["channels"]) == len(CHANNELS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("colour = 1", ".colour: unknown"),
        ("contact = 1", ".contact: no string"),
        ('[polling]\nmin = "often"', ".polling.min: not by the pattern"),
        ('[[rules]]\nname = "a"', ".rules[0].when: missing"),
        ('[[rules]]\nname = "a"\nwhen = "b"\npriority = "loud"', ".rules[0].priority: none of the words"),
        ('[channels]\ndesk = "pigeon:x"', ".channels.desk: none of the forms"),
        ('[channels.desk]\ntype = "slack"\nurl = "https://a.example"\ncolour = 1', ".channels.desk: none of the forms"),
        ('[channels.desk]\nurl = "https://a.example"', ".channels.desk: none of the forms"),
    ],
)
def test_an_editor_finds_what_is_wrong(text: str, problem: str) -> None:
    assert problem in problems(tomllib.loads(text), SCHEMA)


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_key_of_a_channel_is_explained(kind: str) -> None:
    (found,) = (
        one for one in SCHEMA["$defs"].values() if one.get("properties", {}).get("type", {}).get("const") == kind
    )

    assert [key for key, one in found["properties"].items() if key != "type" and not one.get("description")] == []
    assert found["required"]
