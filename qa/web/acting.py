"""Who acts on the page at this moment, for the audit log."""

from __future__ import annotations

from gradio.context import LocalContext

from qa.accounts.model import AT_HOME, User
from qa.acting import Actor, at_the_command_line

HOW = "web"


def asking() -> Actor:
    """The user of the request whose handler runs in this thread; outside of one, whoever started the server."""
    request = LocalContext.request.get(None)
    if request is None:
        return at_the_command_line()
    user = user_of(getattr(request, "request", request).scope)
    return Actor(user.name, HOW)


def user_of(scope: dict[str, object]) -> User:
    """The user that a request carries."""
    user = scope.get("user")
    return user if isinstance(user, User) else AT_HOME
