"""Proves the retrieval metrics on rankings worked out by hand, how BEIR folders are read, and what is searched."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from math import log2
from pathlib import Path
from typing import Any

import pytest

from index.retriever import Retrieval, Retriever
from qa.evaluation.metrics import Metric, columns_of, metrics
from qa.evaluation.questions import Question
from qa.evaluation.records import Record
from qa.evaluation.sets.beir import read_beir
from qa.evaluation.setup import Search
from qa.evaluation.texts import retriever_over
from qa.settings import DEFAULT_PASSAGE_TOKENS
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.fakes import HashEncoder
from tests.test_evaluation import COUNCIL, CRANES, squad

DOCUMENTS = [
    {"_id": "Doc 1", "title": "Council", "text": "The harbour council was chaired by Nowak.\u2028It met in Gdynia."},
    {"_id": "Doc 2", "title": "", "text": "Cranes are painted blue by order of Lis."},
    {"_id": "Doc 3", "title": "Ferries", "text": "Ferries sail to Hel in summer."},
    {"_id": "Doc 4", "title": "", "text": ""},
]
QUERIES = [
    {"_id": "q1", "text": "Who chaired the harbour council?"},
    {"_id": "q2", "text": "What colour are cranes painted?"},
    {"_id": "q3", "text": "Who swims?"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\tDoc 1\t2\nq1\tDoc 2\t0\nq2\tDoc 2\t1\n"


def lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(name="folder")
def beir_folder(tmp_path: Path) -> Path:
    """A BEIR folder with four documents and three queries, of which one is not judged."""
    made = tmp_path / "harbour"
    (made / "qrels").mkdir(parents=True)
    (made / "corpus.jsonl").write_text(lines(DOCUMENTS), "utf-8")
    (made / "queries.jsonl").write_text(lines(QUERIES), "utf-8")
    (made / "qrels" / "test.tsv").write_text(QRELS, "utf-8")
    return made


def found(relevant: dict[str, int], *documents: str) -> Record:
    return Record(Question("one", "?", answerable=True, relevant=tuple(relevant.items())), found=documents)


def metrics_of(records: Sequence[Record]) -> dict[str, Metric]:
    return metrics(columns_of(records))


def test_retrieval_metrics_are_those_worked_out_by_hand() -> None:
    first = found({"a": 1, "b": 2}, "x", "b", "y", "z", "w", "a")
    second = found({"a": 1}, *"bcdefghijka")
    nothing = found({"a": 1})
    values = {name: metric.value for name, metric in metrics_of([first, second, nothing]).items()}
    ndcg = (2 / log2(3) + 1 / log2(7)) / (2 / log2(2) + 1 / log2(3))
    assert values == pytest.approx(
        {"recall@1": 0, "recall@5": 0.5 / 3, "recall@10": 1 / 3, "mrr@10": 0.5 / 3, "ndcg@10": ndcg / 3}
    )
    assert list(values) == ["recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10"]


def test_a_question_without_relevant_documents_says_nothing_of_retrieval() -> None:
    assert metrics_of([found({}, "a", "b")]) == metrics_of([]) == {}
    assert metrics_of([found({}, "b"), found({"a": 1}, "a")])["recall@1"].value == 1


def test_a_folder_is_read_with_title_and_text_as_one(folder: Path) -> None:
    documents, questions = read_beir(folder)
    assert [(each.id, each.text.partition("\u2028")[0]) for each in documents] == [
        ("Doc 1", "Council The harbour council was chaired by Nowak."),
        ("Doc 2", "Cranes are painted blue by order of Lis."),
        ("Doc 3", "Ferries Ferries sail to Hel in summer."),
    ]
    assert [(each.id, each.relevant) for each in questions] == [("q1", (("Doc 1", 2),)), ("q2", (("Doc 2", 1),))]


def test_packed_files_and_those_without_a_header_are_read_alike(folder: Path) -> None:
    plain = read_beir(folder)
    for name in ("corpus", "queries"):
        file = folder / f"{name}.jsonl"
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    (folder / "qrels" / "test.tsv").write_text(QRELS.partition("\n")[2], "utf-8")
    assert read_beir(folder) == plain


def test_judgements_are_those_for_testing_where_there_are_such(folder: Path) -> None:
    (folder / "qrels" / "train.tsv").write_text("q3\tDoc 3\t1\n", "utf-8")
    assert [each.id for each in read_beir(folder)[1]] == ["q1", "q2"]
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "dev.tsv")
    assert [each.id for each in read_beir(folder)[1]] == ["q1", "q2", "q3"]


def test_passages_are_ranked_by_document_each_once(folder: Path) -> None:
    documents, (question, _) = read_beir(folder)
    with retriever_over(documents, HashEncoder()) as retriever:
        assert Search(retriever).documents(question)[0] == "Doc 1"
        assert sorted(Search(retriever).documents(question)) == ["Doc 1", "Doc 2", "Doc 3"]
        by_words = Search(retriever, Retrieval.KEYWORD).documents(question)
        assert by_words == ("Doc 1",)


@pytest.mark.parametrize(("tokens", "count"), [(DEFAULT_PASSAGE_TOKENS, 3), (None, 1)])
def test_whole_makes_one_passage_of_a_document(folder: Path, tokens: int | None, count: int) -> None:
    long = " ".join(f"Word{n} stands here alone." for n in range(80))
    (folder / "corpus.jsonl").write_text(lines([*DOCUMENTS[:2], {"_id": "long", "text": long}]), "utf-8")
    with retriever_over(read_beir(folder)[0], HashEncoder(), tokens) as retriever:
        entries = {entry.id: entry.passages for entry in retriever.library.entries()}
    assert entries == {"Doc 1": 1, "Doc 2": 1, "long": count}


def test_evaluate_searches_a_folder_and_loads_no_reader(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_reader(*_: object) -> None:
        raise AssertionError("nothing is read")

    monkeypatch.setattr("qa.assembly.load_reader", load_reader)
    ran = run("evaluate", folder, "--passages", "whole", "--retrieval", "keyword", "--json")
    assert (ran.code, ran.err) == (0, "")
    report = ran.json
    assert (report["set"], report["questions"], report["by_tag"]) == ("harbour", 2, {})
    assert (report["settings"]["retrieval"], report["settings"]["passages"]) == ("keyword", "whole")
    rankings = {"recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10"}
    assert report["metrics"].keys() == rankings | {"latency_ms_p50", "latency_ms_p95"}
    assert {report["metrics"][name]["value"] for name in rankings} == {1}
    assert "ndcg@10              1.000   1.000 to 1.000" in run("evaluate", folder, "--format", "beir").out


@pytest.mark.parametrize("retrieval", list(Retrieval))
def test_the_chosen_indexes_are_asked(
    run: Run, folder: Path, retrieval: Retrieval, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    search = Retriever.search

    def noted(*arguments: Any, **options: Any) -> Any:
        asked.append(options["retrieval"])
        return search(*arguments, **options)

    monkeypatch.setattr(Retriever, "search", noted)
    assert run("evaluate", folder, "--retrieval", retrieval).code == 0
    assert set(asked) == {retrieval}


def test_squad_asked_openly_is_scored_on_its_gold_paragraphs(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "set.json"
    questions = [(COUNCIL, "Who chaired the harbour council?", ["Nowak"]), (CRANES, "Which zebra grazed on Mars?", [])]
    file.write_text(json.dumps(squad(*questions)), "utf-8")
    report = run("evaluate", file, "--json", "--retrieval", "keyword").json
    assert report["metrics"]["recall@1"] == {"value": 1, "low": 1, "high": 1}
    assert "false_answer_rate" in report["metrics"]
    closed = run("evaluate", file, "--json", "--closed").json["metrics"]
    assert not {"recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10"} & closed.keys()


@pytest.mark.parametrize(
    ("name", "arguments", "where"),
    [
        ("harbour", ["--closed"], "--closed"),
        ("own.jsonl", ["--passages", "whole"], "--passages"),
        ("set.json", ["--closed", "--retrieval", "dense"], "--retrieval"),
        ("set.json", ["--closed", "--passages", "whole"], "--passages"),
    ],
)
def test_a_choice_that_says_nothing_for_a_set_is_refused(
    run: Run, folder: Path, tmp_path: Path, *, name: str, arguments: list[str], where: str
) -> None:
    for written in ("own.jsonl", "set.json"):
        (tmp_path / written).write_text("{}")
    ran = run("evaluate", tmp_path / name, *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert where in ran.err
    assert len(ran.err.splitlines()) == 1
