"""Serves the API with its schema, and a page made of that schema, which loads nothing from elsewhere."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from qa.web.api import fields
from qa.web.api.asking import serve_asking
from qa.web.api.changing import serve_changing
from qa.web.api.desk import Desk
from qa.web.api.errors import tell_errors
from qa.web.api.evaluating import serve_evaluating
from qa.web.api.page import docs_page
from qa.web.rights import API, Gate, needed

SCHEMA, DOCS = "/api/openapi.json", "/api/docs"

_DESCRIPTIONS = {
    400: "What was sent cannot be used",
    401: "Without a token that holds, where there are accounts",
    403: "The user of the token has no right to this",
    404: "There is no such document, version, address or run",
    409: "Something is there or goes on already",
    413: "Too much was sent at once",
    422: "A field is missing, too much, or of the wrong kind",
    429: "Too often; Retry-After says when to come again",
    503: "Warming up or being stopped; Retry-After says when to come again",
}

_ERROR = "ErrorFields"

_ERRORS: dict[int | str, dict[str, Any]] = {
    # Named and not given as a model, of which FastAPI would make a schema for each status of each route at start-up.
    status: {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{_ERROR}"}}},
    }
    for status, description in _DESCRIPTIONS.items()
}

_ABOUT = """Answers are exact quotes from stored sources, each with the address at which anybody can look it up again.

Where the server has accounts, send a token with each request: `Authorization: Bearer TOKEN`.
`krakow-qa user token NAME` makes one, with the rights of that user. Every error is `{"detail": "…"}`, one sentence."""


def serve_api(app: FastAPI, desk: Desk) -> None:
    """Serve all of it."""
    router = APIRouter(prefix=API, responses=_ERRORS, generate_unique_id_function=lambda route: route.name)
    serve_asking(router, desk)
    serve_changing(router, desk)
    serve_evaluating(router, desk)
    tell_errors(app, desk.opening.folder)
    app.include_router(router)
    schema = _schema(router)
    page = docs_page(schema, SCHEMA)
    app.get(SCHEMA)(lambda: JSONResponse(schema))
    app.get(DOCS)(lambda: HTMLResponse(page))


def _schema(router: APIRouter) -> dict[str, Any]:
    """The OpenAPI description; each operation says which right it needs."""
    schema = get_openapi(title="krakow-qa", version=version("krakow-qa"), description=_ABOUT, routes=router.routes)
    shapes = {**schema["components"]["schemas"], _ERROR: TypeAdapter(fields.ErrorFields).json_schema()}
    schema["components"]["schemas"] = dict(sorted(shapes.items()))
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for route in router.routes:
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                asked = needed(method, route.path)
                rights = [] if isinstance(asked, Gate) else sorted(asked)
                operation = schema["paths"][route.path][method.lower()]
                operation["security"] = [{"token": rights}, {}]
    return schema
