"""The commands that ask: serve, ask, search, suggest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from qa.accounts.bounds import Bounds, Lifetimes
from qa.accounts.model import Role
from qa.cli.narrowing import Only, narrowing_options
from qa.cli.output import as_json, put, unicode_text, unicode_texts
from qa.configuration import Setting, settings_of
from qa.settings import LEXICAL_READER, OUR_READER
from qa.target import Target
from qa.web.limits import Limits
from qa.web.serving import Serving

if TYPE_CHECKING:
    from qa.assembly import Parts

reader_option = click.option(
    "--reader",
    cls=Setting,
    default=OUR_READER,
    metavar="NAME",
    help=f"{OUR_READER}, {LEXICAL_READER}, or a question-answering model: a folder or a hub name.",
)
strictness_option = click.option(
    "--strictness",
    cls=Setting,
    type=click.FloatRange(0, 1),
    show_default="what tune wrote, or 0.5",
    help="How easily an answer is given, 0 to 1; lower refuses more.",
)


@click.command()
@settings_of(Serving, "serving")
@click.option(
    "--name",
    "names",
    cls=Setting,
    multiple=True,
    help="A name or address that people reach this server by; repeatable.",
)
@click.option("--open/--no-open", cls=Setting, default=False, help="Serve other machines without accounts.")
@click.option(
    "--proxy-header",
    cls=Setting,
    table="proxy",
    metavar="NAME",
    help="The header in which a proxy gives the user's name.",
)
@click.option(
    "--proxy-from", cls=Setting, table="proxy", metavar="ADDRESS[,…]", help="From where that header is believed."
)
@click.option(
    "--proxy-role",
    cls=Setting,
    table="proxy",
    type=click.Choice([role.value for role in Role]),
    help="For whom the accounts do not have.",
)
@settings_of(Lifetimes, "lifetimes", "accounts")
@settings_of(Bounds, "bounds", "accounts")
@settings_of(Limits, "limits", "limits")
@reader_option
@strictness_option
@click.pass_obj
def serve(
    target: Target,
    *,
    serving: Serving,
    names: tuple[str, ...],
    open: bool,
    proxy_header: str | None,
    proxy_from: str | None,
    proxy_role: str | None,
    lifetimes: Lifetimes,
    bounds: Bounds,
    limits: Limits,
    reader: str,
    strictness: float | None,
) -> None:
    """Open the chat as a web page, on this machine or with accounts beyond it."""
    from qa.accounts.store import Accounts
    from qa.web.admitting import admitted, proxy_of
    from qa.web.opening import Opening, Tell
    from qa.web.server import bind, run

    def open_library(tell: Tell) -> Parts:
        def on_document(name: str, done: int, total: int) -> None:
            tell(f"reading our briefs, {done} of {total}")

        from qa.web.acting import asking

        on_page = replace(target, who=asking)
        parts = on_page.renewed_parts(make=True, on_document=on_document, reader=reader, strictness=strictness)
        tell("loading the models")
        parts.warm_up()
        return parts

    accounts = Accounts(target.folder, lifetimes=lifetimes, bounds=bounds)
    proxy = proxy_of(proxy_header, proxy_from, proxy_role)
    admission = admitted(accounts, serving.host, names, proxy, is_open=open)
    with bind(serving.host, serving.port) as socket:
        run(Opening(target.folder, open_library), socket, admission, serving, limits)


@click.command()
@click.argument("question", callback=unicode_text)
@click.option(
    "--after",
    "history",
    multiple=True,
    metavar="QUESTION",
    callback=unicode_texts,
    help="A question asked before it, which this one follows; repeatable, oldest first.",
)
@click.option("--quotes", type=click.IntRange(1, 5), default=5, show_default=True, help="The most quotes.")
@narrowing_options
@as_json
@reader_option
@strictness_option
@click.pass_obj
def ask(
    target: Target,
    question: str,
    *,
    history: tuple[str, ...],
    quotes: int,
    only: Only,
    as_json: bool,
    reader: str,
    strictness: float | None,
) -> None:
    """Answer a question with quotes, or say that the sources do not."""
    from qa.conversation.asking import Asker
    from qa.payload import turn_payload
    from qa.plain import turn_text

    parts = target.renewed_parts(reader=reader, strictness=strictness, quotes=quotes, closest=min(quotes, 3))
    filter = only.filter(parts.library)
    asker = Asker(parts.answerer.ask, parts.encoder.encode)
    turn = asker.ask(question, asker.exchanges(history, filter), filter=filter)
    put(turn_payload(turn) if as_json else turn_text(turn))


@click.command()
@click.argument("query", callback=unicode_text)
@click.option("-k", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many passages.")
@narrowing_options
@as_json
@click.pass_obj
def search(target: Target, query: str, *, k: int, only: Only, as_json: bool) -> None:
    """List the passages that fit a query best."""
    from qa.payload import hit_payload
    from qa.plain import hits_text

    parts = target.renewed_parts()
    filter = only.filter(parts.library)
    hits = parts.retriever.search(query, k, filter)
    put({"hits": [hit_payload(hit) for hit in hits]} if as_json else hits_text(hits, filter))


@click.command()
@click.option("-n", type=click.IntRange(1, 100), default=5, show_default=True, help="How many questions.")
@as_json
@reader_option
@strictness_option
@click.pass_obj
def suggest(target: Target, n: int, *, as_json: bool, reader: str, strictness: float | None) -> None:
    """List questions that the library answers: each is made of a sentence of it, and asked."""
    from qa.interface import KrakowQA
    from qa.payload import suggestion_payload
    from qa.plain import suggestions_text

    suggested = KrakowQA(target.renewed_parts(reader=reader, strictness=strictness)).suggest(n)
    put({"suggestions": list(map(suggestion_payload, suggested))} if as_json else suggestions_text(suggested))
