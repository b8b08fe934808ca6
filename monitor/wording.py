"""What pydantic finds wrong in a table, as sentences for the person who wrote it. No sentence holds a value."""

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from monitor.places import KeyPath, Problem
from monitor.tables import LATER
from rules.wording import did_you_mean

_SENTENCES = {
    "string_type": ("is not a text", "write it in quotes"),
    "bool_type": ("is neither true nor false", "write true or false, without quotes"),
    "int_type": ("is not a number", "write a whole number, without quotes"),
    "float_type": ("is not a number", "write a number, without quotes"),
    "tuple_type": ("is not a list", 'write ["one", "two"]'),
    "list_type": ("is not a list", 'write ["one", "two"]'),
    "dict_type": ("is not a table", "write { key = value }"),
    "model_type": ("is not a table", "write { key = value }"),
    "missing": ("is missing", "add it"),
}


def problems_of(error: ValidationError, at: KeyPath, model: type[BaseModel]) -> Iterator[Problem]:
    """Every problem of the table at `at`, which `model` could not take."""
    for found in error.errors(include_url=False, include_input=False):
        path = (*at, *(part for part in found["loc"] if part != "[key]"))
        if found["type"] == "extra_forbidden":
            yield unknown_key(path, [field.alias or name for name, field in model.model_fields.items()])
        else:
            yield Problem(path, *_sentence(found["type"], found["msg"], found.get("ctx", {})))


def unknown_key(path: KeyPath, known: Collection[str]) -> Problem:
    """The key at the end of `path` is none of `known`: it comes later, or it is a slip."""
    key = str(path[-1])
    if key in LATER:
        return Problem(path, "is not accepted yet", "remove it: a later version takes it")
    return Problem(path, "is not a key of this table", did_you_mean(key, known))


def _sentence(kind: str, message: str, context: dict[str, Any]) -> tuple[str, str]:
    if kind == "wrong":
        return context["what"], context["remedy"]
    if kind in ("enum", "literal_error"):
        return "is none of the words that are known here", f"write {context['expected']}"
    return _SENTENCES.get(kind) or (message[:1].lower() + message[1:], "")
