"""Who acts on the page at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradio.context import LocalContext

from qa.accounts.model import AT_HOME, User
from qa.acting import Actor, at_the_command_line


def scope_now() -> Mapping[str, Any]:
    """The scope of the request whose handler runs in this thread; empty outside of one."""
    request = LocalContext.request.get(None)
    return {} if request is None or request.request is None else request.request.scope


def user_now() -> User:
    """The user of the request whose handler runs in this thread, who is at home outside of one."""
    user = scope_now().get("user")
    return user if isinstance(user, User) else AT_HOME


def asking() -> Actor:
    """The same as one who acts; outside of a request, whoever started the server."""
    return Actor(user_now().name, "web") if scope_now() else at_the_command_line()
