"""A page whose parts need rights: what somebody has no right to is neither shown to him nor done for him."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fastapi
import gradio as gr

from qa.accounts.model import Right, User
from qa.web.rights import visitor


def sender(request: gr.Request) -> fastapi.Request:
    """The request over HTTP that gradio wraps; raises NotAllowed where there was none."""
    if request.request is None:
        raise NotAllowed
    return request.request


class NotAllowed(gr.Error):
    """An event that its user has no right to cause, as the page shows it."""

    def __init__(self) -> None:
        super().__init__("Your account has no right to this. Ask an admin for another role.", print_exception=False)


class GuardedBlocks(gr.Blocks):
    """Blocks in which every event needs the right under which it was declared; one without is refused to everybody."""

    def __init__(self, **options: Any) -> None:
        self._needed: dict[int, Right] = {}
        self._by_itself: set[int] = set()
        self._tabs: dict[int, Right] = {}
        self._seen_with: dict[frozenset[Right], Any] = {}
        super().__init__(**options)

    @contextmanager
    def needing(self, right: Right, *, by_itself: bool = False) -> Iterator[None]:
        """The events that are declared in this context need the right; ``by_itself``: nobody does anything for them."""
        before = set(self.fns)
        yield
        declared = set(self.fns) - before
        self._needed |= dict.fromkeys(declared, right)
        if by_itself:
            self._by_itself |= declared

    @contextmanager
    def tab(self, label: str, right: Right) -> Iterator[None]:
        """A tab with all its events, for those who have the right."""
        with self.needing(right), gr.Tab(label) as tab:
            yield
        self._tabs[tab._id] = right

    def needed(self, number: Any) -> Right | None:
        """The right that the event of that number needs; None where there is no such event, or it has none."""
        return self._needed.get(number) if isinstance(number, int) else None

    def is_somebodys_act(self, number: int) -> bool:
        """Whether somebody did something for the event, which an open page may cause by itself."""
        return number not in self._by_itself

    def lets(self, user: User | None, number: Any) -> bool:
        """Whether somebody may cause an event."""
        right = self.needed(number)
        return right is not None and user is not None and user.may(right)

    async def process_api(
        self, block_fn: Any, inputs: list[Any], state: Any = None, request: Any = None, *more: Any, **named: Any
    ) -> dict[str, Any]:
        """Every way into a handler leads through here, with a queue or without; raises NotAllowed."""
        number = block_fn if isinstance(block_fn, int) else block_fn._id
        if not (isinstance(request, gr.Request) and self.lets(sender(request).scope["user"], number)):
            raise NotAllowed
        return await super().process_api(block_fn, inputs, state, request, *more, **named)

    @property
    def config(self) -> Any:
        """What a browser is told of the page: without what its user has no right to."""
        user = visitor.get()
        if user is None or user.role.rights >= set(self._tabs.values()):
            return self._config
        rights = user.role.rights
        if rights not in self._seen_with:
            self._seen_with[rights] = self._without(self._config, rights)
        return self._seen_with[rights]

    @config.setter
    def config(self, config: Any) -> None:
        self._config = config
        self._seen_with.clear()

    def _without(self, config: Any, rights: frozenset[Right]) -> Any:
        hidden = {id for id, right in self._tabs.items() if right not in rights}
        gone = set(_below(config["layout"], hidden))
        page = config["page"][""]
        fewer = {
            **page,
            "layout": _pruned(page["layout"], hidden),
            "components": [id for id in page["components"] if id not in gone],
            "dependencies": [number for number in page["dependencies"] if self.needed(number) in rights],
        }
        return {
            **config,
            "layout": _pruned(config["layout"], hidden),
            "components": [each for each in config["components"] if each["id"] not in gone],
            "dependencies": [each for each in config["dependencies"] if self.needed(each["id"]) in rights],
            "page": {"": fewer},
        }


def _pruned(node: Any, hidden: set[int]) -> Any:
    """A layout without some of its nodes."""
    children = [_pruned(child, hidden) for child in node.get("children", ()) if child["id"] not in hidden]
    return {**node, "children": children} if "children" in node else node


def _below(node: Any, hidden: set[int], is_below: bool = False) -> Iterator[int]:
    """The ids of some nodes of a layout and of all that is in them."""
    is_below = is_below or node.get("id") in hidden
    if is_below:
        yield node["id"]
    for child in node.get("children", ()):
        yield from _below(child, hidden, is_below)
