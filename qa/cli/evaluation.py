"""The commands that measure: evaluate, compare, report, tune."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa.cli.asking import reader_option, strictness_option
from qa.cli.output import as_json, complain, put
from qa.target import Target, progress

if TYPE_CHECKING:
    from qa.evaluation.gates import Gate

GATE_FAILED = 3
"""The exit code where a gate fails."""


def gates(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> list[Gate]:
    """``METRIC=VALUE`` as gates; a wrong one is wrong usage."""
    if not texts:
        return []
    from qa.evaluation.gates import Gate

    try:
        return [Gate.parse(text) for text in texts]
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def question_set(context: click.Context, parameter: click.Parameter, given: Path) -> Path:
    """A file or folder, or by name one of the sets that we ship."""
    from qa.evaluation.task import SHIPPED

    if given.exists():
        return given
    try:
        return SHIPPED[str(given)]
    except KeyError:
        raise click.BadParameter(f"{given} is not there, and none of our own: {', '.join(SHIPPED)}") from None


set_argument = click.argument("set", metavar="SET", type=click.Path(path_type=Path), callback=question_set)


@click.command()
@set_argument
@click.option(
    "--format", type=click.Choice(["auto", "jsonl", "csv", "squad", "beir"]), default="auto", show_default=True
)
@click.option("--closed", is_flag=True, help="Hand the reader the paragraph of each question (squad).")
@click.option(
    "--retrieval",
    type=click.Choice(["hybrid", "dense", "keyword"]),
    default="hybrid",
    show_default=True,
    help="Search by meaning and words, by meaning, or by words.",
)
@click.option(
    "--passages",
    type=click.Choice(["cut", "whole"]),
    default="cut",
    show_default=True,
    help="Cut the texts of the set (squad, beir), or search each whole, as far as the encoder reads it.",
)
@click.option(
    "--follow-ups",
    type=click.Choice(["understood", "bare", "spelled-out"]),
    default="understood",
    show_default=True,
    help="Ask a question that has a history after it, by itself, or in full (.jsonl, .csv).",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Ask a sample of N questions.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample.")
@click.option("--out", type=click.Path(path_type=Path), metavar="RUN_DIR", help="Keep the run in a new folder.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN_DIR", help="Go on with an interrupted run.")
@as_json
@click.option(
    "--fail-under",
    multiple=True,
    callback=gates,
    metavar="METRIC=VALUE",
    help="Exit with 3 where a metric is worse; also over VALUE, for rates of errors and times.",
)
@reader_option
@strictness_option
@click.pass_obj
def evaluate(
    target: Target,
    /,
    *,
    out: Path | None,
    resume: Path | None,
    as_json: bool,
    fail_under: list[Gate],
    reader: str,
    strictness: float | None,
    **task: Any,
) -> None:
    """Ask the questions of a set and score the answers.

    A set in our own format (.jsonl, .csv) is asked of the library; SQuAD (.json, .json.gz) of its own paragraphs. In a
    BEIR folder documents are searched, and nothing is answered.
    """
    from index.retriever import Retrieval
    from qa.audit import Act, Audit
    from qa.evaluation import command
    from qa.evaluation.gates import failures
    from qa.evaluation.summary import Summary
    from qa.evaluation.task import FollowUps, Format, Passages, Task

    if out is not None and resume is not None:
        raise click.UsageError("--out begins a run and --resume goes on with one; give one of them")
    chosen = Task(
        **{
            **task,
            "format": Format(task["format"]),
            "retrieval": Retrieval(task["retrieval"]),
            "passages": Passages(task["passages"]),
            "follow_ups": FollowUps(task["follow_ups"]),
        }
    )
    settings = {"reader": reader, "strictness": strictness}
    try:
        with (
            Audit(target.folder, target.who).recorded(Act.EVALUATE, chosen.set.name)
            if target.is_made
            else nullcontext(),
            progress("Reading the texts") as on_text,
            progress("Asking") as on_question,
        ):
            run = command.evaluate(
                chosen, target, settings, out=out, resume=resume, on_text=on_text, on_question=on_question
            )
    except KeyboardInterrupt:
        kept = out or resume
        if kept is not None and kept.exists():
            click.echo(f"Go on with: krakow-qa evaluate {chosen.set} --resume {kept}", err=True)
        raise
    summary = Summary(run)
    put(summary.payload() if as_json else summary.text())
    _leave(failures(summary.metrics, fail_under))


@click.command()
@click.argument("one", metavar="RUN_A", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("other", metavar="RUN_B", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
@click.option(
    "--fail-if-worse",
    multiple=True,
    callback=gates,
    metavar="METRIC=MARGIN",
    help="Exit with 3 where the metric of RUN_B is worse by more.",
)
def compare(one: Path, other: Path, as_json: bool, fail_if_worse: list[Gate]) -> None:
    """Compare two runs: metrics with a test of chance, and the questions that changed sides."""
    from qa.evaluation.comparing import compare as compare_runs
    from qa.evaluation.folder import read_run
    from qa.evaluation.gates import worsened

    comparison = compare_runs(read_run(one), read_run(other))
    put(comparison.payload() if as_json else comparison.text())
    _leave(worsened(comparison, fail_if_worse))


@click.command()
@click.argument("folder", metavar="RUN_DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where to, if not beside the run."
)
def report(folder: Path, out: Path | None) -> None:
    """Write a run as report.html, one file that needs nothing else, and as report.md."""
    from qa.evaluation.folder import read_run
    from qa.evaluation.reporting.writing import write_report

    for file in write_report(read_run(folder), out or folder):
        put(str(file))


@click.command()
@set_argument
@click.option(
    "--false-answers",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="The wished share of unanswerable questions that are answered.",
)
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True, help="For cross-validation.")
@click.option("--seed", type=int, default=0, show_default=True, help="How questions are dealt to the folds.")
@click.option("--write", is_flag=True, help="Keep the strictness in the library, for all who give none.")
@as_json
@reader_option
@click.pass_obj
def tune(
    target: Target,
    /,
    *,
    set: Path,
    false_answers: float,
    folds: int,
    seed: int,
    write: bool,
    as_json: bool,
    reader: str,
) -> None:
    """Choose the strictness for a wished share of false answers, by a set in our own format."""
    from qa.evaluation.run import records_of
    from qa.evaluation.setup import asked_of
    from qa.evaluation.task import Task
    from qa.evaluation.tuning import tune as tuned_by
    from qa.settings import kept_strictness

    setup = asked_of(target, Task(set), {"reader": reader})
    records = []
    with progress("Asking") as on_question:
        for record, _ in records_of(setup.questions, setup):
            records.append(record)
            on_question(record.question.id, len(records), len(setup.questions))
    tuned = tuned_by(records, false_answers, folds, seed)
    if write:
        setup.library.store_setting(kept_strictness(reader), str(tuned.strictness))
    put({**tuned.payload(), "written": write} if as_json else tuned.text())
    if not as_json:
        put("\nWritten to the library." if write else "\nNot written; --write keeps it in the library.")


def _leave(failed: list[str]) -> None:
    """Exit with 3 where anything failed, after that was said."""
    for line in failed:
        complain(line)
    if failed:
        raise SystemExit(GATE_FAILED)
