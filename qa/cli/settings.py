"""The command that lists all settings, each with its value and where that is from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

from qa.cli.output import as_json, put
from qa.configuration import Setting
from qa.target import Target

_ORIGINS = {
    ParameterSource.COMMANDLINE: "flag",
    ParameterSource.ENVIRONMENT: "environment",
    ParameterSource.DEFAULT_MAP: "file",
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A setting with its value and where that is from: a flag, the environment, the file, tune, or the default."""

    setting: Setting
    value: Any
    origin: str

    @property
    def default(self) -> Any:
        """What holds where nobody sets it, in words where it is not always the same."""
        shown = self.setting.show_default
        return shown if isinstance(shown, str) else self.setting.default

    def payload(self) -> dict[str, Any]:
        value = self.value if isinstance(self.value, bool | int | float | tuple | None) else str(self.value)
        names = {"flag": self.setting.opts[0], "variable": self.setting.variable}
        return {"value": value, "from": self.origin, "default": self.default, **names, "about": self.setting.help}


@click.command()
@as_json
@click.option("--markdown", is_flag=True, help="Print all settings and their defaults as a table for documents.")
@click.pass_context
def settings(context: click.Context, /, as_json: bool, markdown: bool, **_: Any) -> None:
    """List all settings, each with its value and where that is from.

    A flag beats the environment, which beats the configuration file, which beats what tune wrote into the library,
    which beats the default. All settings can be given as flags here, to see what would hold.
    """
    if markdown:
        put(defaults_table(setting for setting, _ in _owned(context)))
        return
    resolved = list(_resolved(context))
    if as_json:
        put({"settings": {each.setting.dotted: each.payload() for each in resolved}})
        return
    width = max(len(each.setting.dotted) for each in resolved)
    for each in resolved:
        value = "not set" if each.value in (None, ()) else each.value
        put(f"{each.setting.dotted:<{width}}  {value}  ({each.origin})")


def defaults_table(settings: Iterable[Setting]) -> str:
    """All settings as a table in Markdown."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for setting in settings:
        default = Resolved(setting, None, "").default
        shown = (
            default if isinstance(setting.show_default, str) else "not set" if default in (None, ()) else f"`{default}`"
        )
        rows.append(f"| `{setting.dotted}` | {shown} | {setting.help} |")
    return "\n".join(rows)


def _owned(context: click.Context) -> Iterator[tuple[Setting, click.Context]]:
    """All settings, with the context in which each was resolved: the group's, or this command's for all others."""
    contexts = [each for each in (context.parent, context) if each is not None]
    for owner in contexts:
        yield from ((each, owner) for each in owner.command.params if isinstance(each, Setting))


def _resolved(context: click.Context) -> Iterator[Resolved]:
    target: Target = context.obj
    kept = _kept(target)
    for setting, owner in _owned(context):
        name = str(setting.name)
        value = owner.params[name]
        origin = _ORIGINS.get(owner.get_parameter_source(name) or ParameterSource.DEFAULT, "default")
        if name == "strictness" and value is None:
            from qa.settings import Settings, kept_strictness

            reader = context.params["reader"]
            value = Settings.chosen({"reader": reader}, kept).strictness
            origin = "tuned" if kept_strictness(reader) in kept else origin
        yield Resolved(setting, value, origin)


def _kept(target: Target) -> dict[str, str]:
    """What the library keeps; nothing where there is no library yet."""
    if not target.is_made:
        return {}
    from qa.assembly import open_library

    return open_library(target.place).settings()
