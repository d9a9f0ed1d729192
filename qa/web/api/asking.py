"""The routes that ask: ask, search, show, and what there is: suggestions, the list of documents."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from qa import fields
from qa.asked import MOST_SUGGESTED, AskBody, SearchBody
from qa.payload import answer_payload, entry_payload, hit_payload, shown_payload, suggestion_payload
from qa.suggesting.fields import SuggestedFields
from qa.web.api.desk import Desk
from qa.web.api.fields import ListFields


def serve_asking(router: APIRouter, desk: Desk) -> None:
    """Serve them to whoever may ask."""

    @router.post("/ask")
    async def ask(body: AskBody, request: Request) -> fields.AnswerFields:
        """Answer a question by exact quotes, of all documents or of some, or say that they do not seem to say it.

        Where `answered` is false there is no answer: what stands in `closest` came closest, and does not answer.
        """
        return answer_payload(await desk.ask(request, lambda: desk.opening.ask(body.question, body.filter())))

    @router.post("/search")
    async def search(body: SearchBody, request: Request) -> fields.FoundFields:
        """Find the passages that fit a query best, of all documents or of some."""
        krakow = desk.krakow()
        hits = await desk.ask(request, lambda: krakow.search(body.query, body.k, body.filter()))
        return {"hits": [hit_payload(hit) for hit in hits]}

    @router.get("/suggestions")
    def suggestions(
        n: Annotated[int, Query(ge=1, le=MOST_SUGGESTED, description="How many at most.")] = 5,
    ) -> SuggestedFields:
        """Suggest questions that the library answers: each was made of a sentence of it, and asked.

        They are made while nobody else asks, and anew when the library has changed; until that is done there are fewer.
        """
        suggested = desk.opening.suggestions.now(desk.krakow().parts)
        return {
            "suggestions": [suggestion_payload(each) for each in suggested.suggestions[:n]],
            "complete": suggested.is_complete,
        }

    @router.get("/show")
    def show(
        place: Annotated[str, Query(description="An address (brief-leap@0123456789ab#100-180), or a document's id.")],
    ) -> fields.ResolvedFields | fields.DocumentFields:
        """Show the text at an address with what is around it, or a whole document.

        An address resolves for as long as the library lives, also after the document has changed or was withdrawn;
        `state` says so then.
        """
        return shown_payload(desk.krakow().show(place))

    @router.get("/documents", name="list")
    def list_documents() -> ListFields:
        """List the documents that answer."""
        return {"documents": [entry_payload(entry) for entry in desk.krakow().documents()]}
