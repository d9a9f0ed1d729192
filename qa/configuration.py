"""One configuration: a flag beats the environment, which beats the file, which beats what a library keeps and defaults.

A setting has one name everywhere: ``[limits] upload_mb`` in the file is ``KRAKOW_QA_LIMITS_UPLOAD_MB`` in the
environment and ``--limits-upload-mb`` on the command line. click resolves the layers; here is what click has not.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields
from difflib import get_close_matches
from enum import StrEnum
from functools import wraps
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import click
from click.core import ParameterSource

from corpus.errors import KrakowQAError

PREFIX = "KRAKOW_QA_"
"""How the names of our environment variables begin."""

FILE_NAME = "krakow-qa.toml"
"""The configuration file in the per-user folder of configurations."""

FILE_VARIABLE = f"{PREFIX}CONFIG"
"""Which file to read instead."""

_NAMES = r"(?:``\w+``(?:,\s+|\s+and\s+)?)+"
_DESCRIBED = re.compile(rf"({_NAMES}):\s(.*?)(?=\s*(?:-\s+)?{_NAMES}:\s|\n\n|\Z)", re.DOTALL)
"""What a docstring says of fields, as in "``a`` and ``b``: of a user"."""


class BadConfiguration(KrakowQAError):
    """A configuration with a name that is no setting, or with a value that a setting cannot have."""


class Setting(click.Option):
    """An option that the environment and the file can set too, in ``table`` or, where that is None, before all tables.

    ``show_default`` may be words for what holds where nobody sets it.
    """

    def __init__(self, *declared: Any, table: str | None = None, **attributes: Any) -> None:
        unset = () if attributes.get("multiple") else None
        super().__init__(*declared, **{"show_default": True, "default": unset} | attributes)
        self.table = table
        self.key = str(self.name) if table is None else str(self.name).removeprefix(f"{table}_")
        self.variable = self.envvar = PREFIX + str(self.name).upper()

    @property
    def dotted(self) -> str:
        """Its name in the file, with its table."""
        return self.key if self.table is None else f"{self.table}.{self.key}"

    def get_error_hint(self, context: click.Context | None) -> str:
        """The variable where that has the wrong value, else the flag."""
        source = None if context is None else context.get_parameter_source(str(self.name))
        return self.variable if source is ParameterSource.ENVIRONMENT else super().get_error_hint(context)

    def from_file(self, value: object, file: Path) -> Any:
        """What a file says, as the value that the setting has then; raises BadConfiguration."""
        if not self.multiple:
            return self._one_from_file(value, file)
        if not isinstance(value, list):
            raise BadConfiguration(f"{file}: {self.dotted} is {value!r}, and has to be a list. Put it in brackets")
        return [self._one_from_file(each, file) for each in value]

    def _one_from_file(self, value: object, file: Path) -> Any:
        kinds, named = _kinds(self.type)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise BadConfiguration(f"{file}: {self.dotted} is {value!r}, and has to be {named}. Change it there")
        try:
            converted = self.type(value, self, None)
        except click.BadParameter as error:
            raise BadConfiguration(f"{file}: {self.dotted} cannot be {value!r}: {error.message}") from error
        # A service starts in some folder or other, and its file stays where it is.
        return file.parent / converted.expanduser() if isinstance(converted, Path) else converted


def settings_of(section: type, parameter: str, table: str | None = None) -> Callable[[Callable[..., Any]], Any]:
    """A decorator of commands: each field of a frozen dataclass is a setting, and the command is given the whole.

    The fields are plain scalars or enums of strings, with defaults, and the section's docstring says what each is, as
    in "``port``: where it listens". ``Annotated[int, click.IntRange(0, 9)]`` bounds one; numbers are never negative.
    """
    hints = get_type_hints(section, include_extras=True)
    described = _DESCRIBED.findall(getdoc(section) or "")
    said = {name: " ".join(text.split()) for names, text in described for name in re.findall(r"\w+", names)}

    def decorate(command: Callable[..., Any]) -> Any:
        @wraps(command)
        def given_whole(*arguments: Any, **options: Any) -> Any:
            values = {field.name: options.pop(_option_name(field, table)) for field in fields(section)}
            enums = {name: hints[name](value) for name, value in values.items() if _is_enum(hints[name])}
            return command(*arguments, **options, **{parameter: section(**values | enums)})

        decorated: Any = given_whole
        for field in reversed(fields(section)):
            flag = f"--{_option_name(field, table)}".replace("_", "-")
            kind = _option_type(hints[field.name])
            decorated = click.option(
                f"{flag}/--no-{flag[2:]}" if kind is click.BOOL else flag,
                cls=Setting,
                table=table,
                type=kind,
                default=str(field.default) if isinstance(field.default, StrEnum) else field.default,
                help=said.get(field.name),
            )(decorated)
        return decorated

    return decorate


def all_settings(group: click.Group) -> dict[str, Setting]:
    """The settings of a group and its commands, by the names they have in the file."""
    owners: list[click.Command] = [group, *group.commands.values()]
    found = (each for owner in owners for each in owner.params if isinstance(each, Setting))
    return {setting.dotted: setting for setting in found}


def read_configuration(context: click.Context, parameter: click.Parameter, named: Path | None) -> None:
    """Let the file stand behind the environment in all commands of a group; a callback of the group's ``--config``.

    Raises BadConfiguration, also where the environment has a variable of ours that is no setting.
    """
    group = context.command
    if not isinstance(group, click.Group):
        raise TypeError("only a group has settings")
    known = all_settings(group)
    _require_known(os.environ, {FILE_VARIABLE, *(setting.variable for setting in known.values())})
    file = named or _own_file()
    if file is None:
        return
    values = _read(file, known)
    context.default_map = {
        **_given(group, values),
        **{name: _given(command, values) for name, command in group.commands.items()},
    }


def _own_file() -> Path | None:
    """This user's file, where there is one."""
    from platformdirs import user_config_path

    file = user_config_path("krakow-qa", appauthor=False) / FILE_NAME
    return file if file.is_file() else None


def _read(file: Path, known: Mapping[str, Setting]) -> dict[str, Any]:
    """The settings of a file by their dotted names, as the values they have; raises BadConfiguration."""
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise BadConfiguration(f"{file} cannot be read ({error.strerror}). Name another file: --config FILE") from error
    except ValueError as error:  # of TOML or of UTF-8
        raise BadConfiguration(f"{file} is not written in TOML: {error}. Mend it there") from error
    tables = {setting.table for setting in known.values()}
    flat: dict[str, object] = {}
    for key, value in said.items():
        if isinstance(value, dict) and key in tables:
            flat |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    for name in flat:
        if name not in known:
            raise BadConfiguration(f"{file}: {name} is no setting. {_nearest(name, known)}")
    return {name: known[name].from_file(value, file) for name, value in flat.items()}


def _given(command: click.Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a command's settings, by the names of its parameters."""
    settings = [each for each in command.params if isinstance(each, Setting)]
    return {str(setting.name): values[setting.dotted] for setting in settings if setting.dotted in values}


def _require_known(environment: Iterable[str], known: Iterable[str]) -> None:
    for name in environment:
        if name.startswith(PREFIX) and name not in known:
            raise BadConfiguration(f"The environment has {name}, which is no setting. {_nearest(name, known)}")


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0)
    return f"Did you mean {near[0]}? All are listed by: krakow-qa settings"


def _kinds(type: click.ParamType[Any]) -> tuple[tuple[type, ...], str]:
    """What a value in the file may be, and that in words."""
    if isinstance(type, click.types.BoolParamType):
        return (bool,), "true or false"
    if isinstance(type, click.types.FloatParamType):
        return (int, float), "a number"
    if isinstance(type, click.types.IntParamType):
        return (int,), "a whole number"
    return (str,), "a text in quotes"


def _option_name(field: Field[Any], table: str | None) -> str:
    return field.name if table is None else f"{table}_{field.name}"


def _option_type(hint: Any) -> click.ParamType[Any]:
    """The click type of a field's annotation; of several, as in ``int | None``, the first."""
    if get_origin(hint) is Annotated:
        return next(each for each in get_args(hint) if isinstance(each, click.ParamType))
    if _is_enum(hint):
        return click.Choice([str(each) for each in hint])
    plain: dict[type, click.ParamType[Any]] = {
        bool: click.BOOL,
        int: click.IntRange(min=0),
        float: click.FloatRange(min=0),
        str: click.STRING,
    }
    return plain[hint if isinstance(hint, type) else get_args(hint)[0]]


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, StrEnum)
