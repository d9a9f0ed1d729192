"""Questions and answers: reader, answerer, chat, command line; and, for programs in Python, a few names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.interface import KrakowQA
    from qa.langchain import KrakowRetriever

__all__ = ["KrakowQA", "KrakowRetriever"]


def __getattr__(name: str) -> Any:
    """A public name, imported when it is first asked for."""
    if name == "KrakowQA":
        from qa.interface import KrakowQA

        return KrakowQA
    if name == "KrakowRetriever":
        from qa.langchain import KrakowRetriever

        return KrakowRetriever
    raise AttributeError(f"module 'qa' has no attribute {name!r}")
