"""The links to answers that whoever uses the page has made, under the conversation."""

from __future__ import annotations

import gradio as gr

from qa.conversation.links import Links
from qa.conversation.shelves import conversations_in
from qa.web.acting import user_now
from qa.web.events import QUIETLY
from qa.web.linkable import link_to
from qa.web.opening import Opening
from qa.web.templating import template
from qa.wording import readable_date


def build_links(opening: Opening) -> None:
    """The part, which is read anew whenever it is unfolded."""
    links = Links(conversations_in(opening.folder))

    def listed() -> str:
        made = [
            (link_to(each.id), each.question, readable_date(each.asked_at[:10]))
            for each in links.listed(user_now().name)
        ]
        return template("links.html").render(links=made)

    with gr.Accordion("Links to answers", open=False, elem_id="links") as part:
        shown = gr.HTML(elem_id="links-made", js_on_load=None)
    part.expand(listed, None, shown, **QUIETLY)
