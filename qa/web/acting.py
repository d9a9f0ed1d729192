"""Who acts on the page at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradio.context import LocalContext

from qa.accounts.model import AT_HOME, User
from qa.acting import Actor, at_the_command_line
from qa.web.rights import visitor


def scope_now() -> Mapping[str, Any]:
    """The scope of the request whose handler runs in this thread; empty outside of one."""
    request = LocalContext.request.get(None)
    return {} if request is None or request.request is None else request.request.scope


def user_now() -> User:
    """The user of the request whose handler runs in this thread, who is at home outside of one."""
    user = scope_now().get("user")
    return user if isinstance(user, User) else AT_HOME


def asking() -> Actor:
    """The user of the request whose handler runs in this thread; outside of one, whoever started the server."""
    if not scope_now():
        program = visitor.get()
        return at_the_command_line() if program is None else Actor(program.name, "API")
    return Actor(user_now().name, "web")
