"""The page that documents the API, made of its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from qa.web.templating import template

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of what is sent or given back."""

    name: str
    kind: str
    about: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A route as the page shows it; ``sent_as`` is the media type of its body, None where it has none."""

    name: str
    method: str
    path: str
    about: str
    right: str
    parameters: tuple[Field, ...]
    sent_as: str | None
    sent: tuple[Field, ...]
    example: str
    statuses: tuple[tuple[str, str, str], ...]


def docs_page(schema: Schema, path: str) -> str:
    """The whole page as HTML; ``path`` is where the schema itself is served."""
    style = Markup(files("qa.web").joinpath("static", "api.css").read_text("utf-8"))  # noqa: S704 (our own)
    return template("api.html").render(
        style=style,
        schema=path,
        about=schema["info"]["description"],
        version=schema["info"]["version"],
        operations=list(_operations(schema)),
        models=[(name, model.get("description", ""), _fields(schema, model)) for name, model in _models(schema)],
    )


def _operations(schema: Schema) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            sent_as, body = _body(schema, operation)
            yield Operation(
                name=operation["operationId"],
                method=method.upper(),
                path=path,
                about=operation["description"],
                right=" or ".join(operation["security"][0]["token"]),
                parameters=tuple(
                    Field(each["name"], _kind(schema, each["schema"]), each.get("description", ""), each["required"])
                    for each in operation.get("parameters", ())
                ),
                sent_as=sent_as,
                sent=_fields(schema, body),
                example=_example(method.upper(), path, sent_as, body),
                statuses=tuple(
                    (status, said["description"], _given(schema, said))
                    for status, said in operation["responses"].items()
                ),
            )


def _body(schema: Schema, operation: Schema) -> tuple[str | None, Schema]:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        return media_type, _resolved(schema, content["schema"])
    return None, {}


def _given(schema: Schema, response: Schema) -> str:
    """The names of the models that a response may hold."""
    content = response.get("content", {}).get("application/json", {}).get("schema", {})
    return _kind(schema, content) if content else ""


def _models(schema: Schema) -> list[tuple[str, Schema]]:
    """The models of what is given back; those of what is sent stand with their routes."""
    models = schema["components"]["schemas"]
    return [(name, model) for name, model in models.items() if name.endswith("Fields")]


def _fields(schema: Schema, model: Schema) -> tuple[Field, ...]:
    required = model.get("required", ())
    return tuple(
        Field(name, _kind(schema, said), said.get("description", ""), name in required)
        for name, said in model.get("properties", {}).items()
    )


def _kind(schema: Schema, said: Schema) -> str:
    """A type in words: "list of QuoteFields", "text or null"; of an enum, its values."""
    if "$ref" in said:
        model = _resolved(schema, said)
        return _kind(schema, model) if "enum" in model else str(said["$ref"]).rpartition("/")[2]
    if "anyOf" in said:
        return " or ".join(_kind(schema, each) for each in said["anyOf"])
    if "enum" in said:
        return " or ".join(map(str, said["enum"]))
    if said.get("type") == "array":
        return f"list of {_kind(schema, said['items'])}"
    if "contentMediaType" in said or said.get("format") == "binary":
        return "file"
    return {"string": "text", "object": "object"}.get(said.get("type", ""), str(said.get("type", "anything")))


def _resolved(schema: Schema, said: Schema) -> Schema:
    name = str(said.get("$ref", "")).rpartition("/")[2]
    model: Schema = schema["components"]["schemas"].get(name, said)
    return model


def _example(method: str, path: str, sent_as: str | None, body: Schema) -> str:
    """The request as curl sends it."""
    given = {"{id}": "minutes", "{name}": "krakow-2026-11-28-120000"}
    for parameter, value in given.items():
        path = path.replace(parameter, value)
    url = f"http://127.0.0.1:7860{path}"
    if sent_as == "application/json":
        return f"curl {url} --json '{json.dumps(body['examples'][0])}'"
    if sent_as is not None:
        return f"curl {url} -F " + ("set=krakow.jsonl" if "set" in body.get("properties", {}) else "file=@minutes.md")
    if path.endswith("/show"):
        return f"curl -G {url} --data-urlencode place=brief-leap"
    return f"curl {url}" if method == "GET" else f"curl -X {method} {url}"
