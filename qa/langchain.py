"""A retriever for LangChain: passages as documents, each with its address and where it comes from."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from corpus.library import Filter
from index.search import Hit
from qa.interface import KrakowQA
from qa.payload import hit_payload


class KrakowRetriever(BaseRetriever):
    """Finds the ``k`` passages of a library that fit a query best, among the documents that pass the filter.

    The text of each is cut from a stored document; its metadata holds the address that anybody can look up again.
    """

    krakow: KrakowQA
    k: int = 4
    filter: Filter | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit) for hit in self.krakow.search(query, self.k, self.filter)]


def _document(hit: Hit) -> Document:
    """The passage with the fields of ``search --json`` and its document's source as metadata."""
    fields: dict[str, Any] = {**hit_payload(hit)}
    text, source = fields.pop("text"), hit.source
    known = {"publisher": source.publisher, "date": source.date, "language": source.language, "url": source.url}
    return Document(id=fields["address"], page_content=text, metadata={**fields, **known, "speaker": source.speaker})
