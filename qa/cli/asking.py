"""The commands that ask: serve, ask, search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from qa.accounts.model import Role
from qa.cli.output import as_json, put, unicode_text
from qa.settings import LEXICAL_READER, OUR_READER
from qa.target import Target

if TYPE_CHECKING:
    from qa.assembly import Parts

reader_option = click.option(
    "--reader",
    default=OUR_READER,
    show_default=True,
    metavar="NAME",
    help=f"{OUR_READER}, {LEXICAL_READER}, or a question-answering model: a folder or a hub name.",
)
strictness_option = click.option(
    "--strictness",
    type=click.FloatRange(0, 1),
    help="How easily an answer is given, 0 to 1; lower refuses more. Where left out: what tune wrote, or 0.5.",
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="An address; others than loopback need accounts.")
@click.option("--port", type=click.IntRange(0, 65535), default=7860, show_default=True)
@click.option("--name", "names", multiple=True, help="A name or address that people reach this server by; repeatable.")
@click.option("--open", "is_open", is_flag=True, help="Serve other machines without accounts.")
@click.option("--proxy-header", metavar="NAME", help="The header in which a proxy gives the user's name.")
@click.option("--proxy-from", metavar="ADDRESS[,…]", help="From where that header is believed.")
@click.option(
    "--proxy-role", type=click.Choice([role.value for role in Role]), help="For whom the accounts do not have."
)
@reader_option
@strictness_option
@click.pass_obj
def serve(
    target: Target,
    *,
    host: str,
    port: int,
    names: tuple[str, ...],
    is_open: bool,
    proxy_header: str | None,
    proxy_from: str | None,
    proxy_role: str | None,
    reader: str,
    strictness: float | None,
) -> None:
    """Open the chat as a web page, on this machine or with accounts beyond it."""
    from qa.web.acting import asking
    from qa.web.admitting import admitted, proxy_of
    from qa.web.opening import Opening, Tell
    from qa.web.server import bind, run

    def open_library(tell: Tell) -> Parts:
        def on_document(name: str, done: int, total: int) -> None:
            tell(f"reading our briefs, {done} of {total}")

        on_page = replace(target, who=asking)
        parts = on_page.renewed_parts(make=True, on_document=on_document, reader=reader, strictness=strictness)
        tell("loading the models")
        parts.warm_up()
        return parts

    proxy = proxy_of(proxy_header, proxy_from, proxy_role)
    admission = admitted(target.folder, host, names, proxy, is_open=is_open)
    with bind(host, port) as socket:
        run(Opening(target.folder, open_library), socket, admission)


@click.command()
@click.argument("question", callback=unicode_text)
@click.option("--quotes", type=click.IntRange(1, 5), default=5, show_default=True, help="The most quotes.")
@as_json
@reader_option
@strictness_option
@click.pass_obj
def ask(target: Target, question: str, *, quotes: int, as_json: bool, reader: str, strictness: float | None) -> None:
    """Answer a question with quotes, or say that the sources do not."""
    from qa.payload import answer_payload
    from qa.plain import answer_text

    parts = target.renewed_parts(reader=reader, strictness=strictness, quotes=quotes, closest=min(quotes, 3))
    answer = parts.answerer.ask(question)
    put(answer_payload(answer) if as_json else answer_text(answer))


@click.command()
@click.argument("query", callback=unicode_text)
@click.option("-k", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many passages.")
@as_json
@click.pass_obj
def search(target: Target, query: str, k: int, as_json: bool) -> None:
    """List the passages that fit a query best."""
    from qa.payload import hit_payload
    from qa.plain import hits_text

    hits = target.renewed_parts().retriever.search(query, k)
    put({"hits": [hit_payload(hit) for hit in hits]} if as_json else hits_text(hits))
