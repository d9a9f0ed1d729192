"""The retriever for LangChain, in a chain of LangChain's own."""

from __future__ import annotations

import asyncio

import pytest
from langchain_core.documents import Document
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough

from corpus.library import Filter
from qa import KrakowQA, KrakowRetriever
from qa.answerer import BadQuestion
from qa.assembly import Parts
from tests.conftest import MakeParts

HARBOUR = """---
title: Minutes of the harbour council
publisher: Harbour office
kind: statement
date: 2026-03-04
language: en
url: https://harbour.example/minutes
---
Ola Nowak chaired the harbour council. Nine cranes will be painted blue.
"""


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(harbour=HARBOUR, market="Nine cranes of paper hang over the market.")


def test_each_document_is_a_slice_with_its_address_and_where_it_is_from(parts: Parts) -> None:
    found = KrakowRetriever(krakow=KrakowQA(parts), k=2).invoke("Who chaired the harbour council?")
    assert [document.metadata["document"] for document in found] == ["harbour", "market"]
    for document in found:
        told = document.metadata
        text = parts.library.document(told["document"]).text
        assert document.page_content == text[told["start"] : told["end"]]
        assert KrakowQA(parts).show(str(document.id)).text == document.page_content
        assert told["address"] == document.id
        assert told["scores"]["cosine"] is not None
    known = {"title", "publisher", "kind", "date", "language", "url"}
    assert {name: found[0].metadata[name] for name in known} == {
        "title": "Minutes of the harbour council",
        "publisher": "Harbour office",
        "kind": "statement",
        "date": "2026-03-04",
        "language": "en",
        "url": "https://harbour.example/minutes",
    }


def test_it_finds_so_many_in_the_documents_that_pass_the_filter(parts: Parts) -> None:
    krakow = KrakowQA(parts)
    assert len(KrakowRetriever(krakow=krakow, k=1).invoke("Nine cranes")) == 1
    narrowed = KrakowRetriever(krakow=krakow, filter=Filter(publishers=frozenset({"Harbour office"})))
    assert {document.metadata["document"] for document in narrowed.invoke("Nine cranes of paper")} == {"harbour"}
    with pytest.raises(BadQuestion):
        narrowed.invoke(" ")


def test_it_stands_in_a_chain_and_answers_there_at_once_and_later(parts: Parts) -> None:
    def cited(documents: list[Document]) -> str:
        return "\n".join(f"“{each.page_content}” ({each.metadata['address']})" for each in documents)

    retriever = KrakowRetriever(krakow=KrakowQA(parts), k=1)
    prompt = ChatPromptTemplate.from_template("From {context}, answer: {question}")
    chain = {"context": retriever | cited, "question": RunnablePassthrough()} | prompt
    question = "Who chaired the harbour council?"
    said = chain.invoke(question).to_string()
    assert "“Ola Nowak chaired the harbour council." in said
    assert f"({retriever.invoke(question)[0].id})" in said
    assert asyncio.run(chain.ainvoke(question)).to_string() == said
    assert retriever.batch([question, "Nine cranes of paper"]) == [
        retriever.invoke(each) for each in (question, "Nine cranes of paper")
    ]
