"""The templates of the page, with the tables that reports have too."""

from __future__ import annotations

from jinja2 import Template

from qa.templating import templates


def template(name: str) -> Template:
    """The template in a file of one of the folders ``templates``."""
    return templates("qa.web", "qa.evaluation.reporting").get_template(name)
