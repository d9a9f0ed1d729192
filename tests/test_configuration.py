"""Every setting can be given in every layer, and the higher layer holds; what is no setting is an error that helps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner

from qa.assembly import open_library
from qa.cli import cli
from qa.configuration import FILE_VARIABLE, Setting, all_settings, settings_of
from qa.settings import LEXICAL_READER, OUR_READER, Settings, kept_strictness
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)

LAYERS = ("default", "file", "environment", "flag")
"""From the lowest to the highest."""

SETTINGS = all_settings(cli)


def samples(setting: Setting) -> tuple[Any, Any, Any]:
    """A value for each layer above the default, none equal to another or to the default."""
    if isinstance(setting.type, click.Choice):
        others = [each for each in setting.type.choices if each != setting.default]
        return others[0], others[-1], others[0]
    if isinstance(setting.type, click.types.BoolParamType):
        return (not setting.default,) * 3
    if isinstance(setting.type, click.types.FloatParamType):
        return 0.125, 0.25, 0.75
    if isinstance(setting.type, click.types.IntParamType):
        return 11, 12, 13
    return "/of/file", "/of/environment", "/of/flag"


def listed(run: Run, setting: Setting, layers: tuple[str, ...], tmp_path: Path, patch: pytest.MonkeyPatch) -> Any:
    """What is listed of a setting that is given in some layers."""
    in_file, in_environment, in_flag = samples(setting)
    arguments: list[str] = ["settings", "--json"]
    if "file" in layers:
        value = str(in_file).lower() if isinstance(in_file, bool) else repr(in_file).replace("'", '"')
        value = f"[{value}]" if setting.multiple else value
        table = "" if setting.table is None else f"[{setting.table}]\n"
        (tmp_path / "own.toml").write_text(f"{table}{setting.key} = {value}\n", "utf-8")
        arguments = ["--config", str(tmp_path / "own.toml"), *arguments]
    if "environment" in layers:
        patch.setenv(setting.variable, str(in_environment))
    if "flag" in layers:
        if isinstance(setting.type, click.types.BoolParamType):
            flag = [setting.opts[0] if in_flag else setting.secondary_opts[0]]
        else:
            flag = [setting.opts[0], str(in_flag)]
        arguments = [*flag, *arguments] if setting in cli.params else [*arguments, *flag]
    ran = run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    return ran.json["settings"][setting.dotted]


@pytest.mark.parametrize("layers", [(each,) for each in LAYERS] + list(combinations(LAYERS, 2)), ids="+".join)
@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_of_two_layers_the_higher_holds(
    run: Run, setting: Setting, layers: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = listed(run, setting, layers, tmp_path, monkeypatch)
    highest = max(layers, key=LAYERS.index)
    assert told["from"] == highest
    if highest != "default":
        expected = dict(zip(LAYERS[1:], samples(setting), strict=True))[highest]
        assert told["value"] == ([expected] if setting.multiple else expected)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_every_setting_says_what_it_is(setting: Setting) -> None:
    assert setting.help


def test_what_tune_stored_beats_the_default_and_nothing_else(
    run: Run, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_library(library)
    opened.store_setting(kept_strictness(OUR_READER), "0.375")
    opened.close()

    def strictness(*arguments: str | Path) -> tuple[float, str]:
        told = run("--library", library, *arguments).json["settings"]["strictness"]
        return told["value"], told["from"]

    assert strictness("settings", "--json") == (0.375, "tuned")
    assert strictness("settings", "--json", "--reader", "lexical") == (0.5, "default")
    assert strictness("settings", "--json", "--strictness", "0") == (0, "flag")
    (tmp_path / "own.toml").write_text("strictness = 0.0\n", "utf-8")
    assert strictness("--config", tmp_path / "own.toml", "settings", "--json") == (0, "file")
    monkeypatch.setenv("KRAKOW_QA_STRICTNESS", "0")
    assert strictness("settings", "--json") == (0, "environment")


def test_the_commands_work_with_what_the_file_says(
    run: Run, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text('library = "library"\nreader = "lexical"\nstrictness = 1.0\n', "utf-8")
    monkeypatch.setenv(FILE_VARIABLE, str(file))
    assert {entry["id"] for entry in run("list", "--json").json["documents"]} == {"minutes", "summary"}
    answer = run("ask", "Who chaired the harbour council?", "--json").json
    assert answer["settings"] == Settings(reader=LEXICAL_READER, strictness=1.0).digest


def test_the_file_of_this_user_is_found(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "configuration" / "krakow-qa" / "krakow-qa.toml"
    file.parent.mkdir(parents=True)
    file.write_text("port = 8000\n", "utf-8")
    assert run("settings", "--json").json["settings"]["port"]["value"] == 8000


MISTAKES = {
    "a key that is none": ("prot = 1", ["prot", "port"]),
    "a key in the wrong place": ("[serve]\nport = 1", ["serve"]),
    "a text for a number": ('port = "7860"', ["port", "a whole number"]),
    "true for a number": ("port = true", ["port", "a whole number"]),
    "a number for a text": ("host = 1", ["host", "a text in quotes"]),
    "a part of a number": ("port = 1.5", ["port", "a whole number"]),
    "too great a number": ("port = 70000", ["port", "70000"]),
    "too great a share": ("strictness = 2", ["strictness", "2"]),
    "a choice that is none": ('log_format = "xml"', ["log_format", "json"]),
    "no TOML": ("port 7860", ["TOML", "line 1"]),
    "no text": (b"\xff", ["TOML"]),
}


@pytest.mark.parametrize(("text", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_the_file_is_one_line_that_names_it(
    run: Run, tmp_path: Path, text: str | bytes, says: list[str]
) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = run("--config", file, "list")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    for part in (str(file), *says):
        assert part in ran.err


def test_a_file_that_is_not_there_and_a_variable_that_is_none_are_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run("--config", tmp_path / "none.toml", "list")
    assert (ran.code, str(tmp_path / "none.toml") in ran.err) == (1, True)
    monkeypatch.setenv("KRAKOW_QA_LIBARY", "x")
    ran = run("list")
    assert (ran.code, ran.out) == (1, "")
    assert "KRAKOW_QA_LIBARY, which is no setting. Did you mean KRAKOW_QA_LIBRARY?" in ran.err


def test_a_wrong_value_in_the_environment_names_the_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRAKOW_QA_PORT", "many")
    ran = run("serve")
    assert ran.code == 2
    assert "KRAKOW_QA_PORT" in ran.err


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds for a test.

    - ``upload_mb`` and ``waiting``: the most
      of a user
    - ``is_open``: whether others come in
    """

    upload_mb: Annotated[int, click.IntRange(1, 100)] = 50
    waiting: float = 2.0
    is_open: bool = False


def test_a_table_is_given_as_a_whole(tmp_path: Path) -> None:
    given: list[Bounds] = []

    @click.group()
    @click.option(
        "--config", type=click.Path(path_type=Path), is_eager=True, expose_value=False, callback=cli.params[0].callback
    )
    def group() -> None:
        pass

    @group.command()
    @settings_of(Bounds, "bounds", table="limits")
    @click.option("--name", cls=Setting, multiple=True, help="A name.")
    def serve(bounds: Bounds, name: tuple[str, ...]) -> None:
        given.append(bounds)
        assert name == ("a", "b")

    file = tmp_path / "own.toml"
    file.write_text('name = ["a", "b"]\n[limits]\nupload_mb = 7\nis_open = true\n', "utf-8")
    arguments = ["--config", str(file), "serve", "--limits-waiting", "3"]
    environment = {"KRAKOW_QA_LIMITS_UPLOAD_MB": "8"}
    CliRunner().invoke(group, arguments, env=environment, catch_exceptions=False)
    assert given == [Bounds(upload_mb=8, waiting=3.0, is_open=True)]
    assert {each.help for each in all_settings(group).values()} == {
        "A name.",
        "the most of a user",
        "whether others come in",
    }
