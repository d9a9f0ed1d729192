"""The templates of the page."""

from __future__ import annotations

from jinja2 import Template

from qa.templating import templates


def template(name: str) -> Template:
    """The template in a file of the folder ``templates``."""
    return templates("qa.web").get_template(name)
