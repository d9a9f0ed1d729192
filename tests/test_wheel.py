"""Proves that the wheel holds the three packages and all their data, and that what is installed from it works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from corpus.catalogue import shipped_briefs
from qa.assembly import make_library
from tests.fakes import HashEncoder

ROOT = Path(__file__).parents[1]
PACKAGES = {"corpus", "index", "qa"}
PROJECT_FILES = ("pyproject.toml", "README.md", "LICENSE")
MOST_BYTES = 1_100_000
WEIGHTS = "qa/readers/weights/reader.safetensors"
MOST_BYTES_OF_WEIGHTS = 25_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that nothing of a build is left in the checkout or taken from it."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in PROJECT_FILES:
        shutil.copy(ROOT / name, copy)
    for name in (*PACKAGES, "tests", "docs"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_claims_three_names_and_no_more(names: list[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    (info,) = tops - PACKAGES
    assert re.fullmatch(r"krakow_qa-[\d.]+\.dist-info", info)
    assert tops == {*PACKAGES, info}


def test_the_wheel_holds_every_file_of_the_packages(names: list[str]) -> None:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file())
    here = {file.relative_to(ROOT).as_posix() for file in files if file.suffix != ".pyc"}
    assert {name for name in names if ".dist-info/" not in name} == here


def test_the_wheel_holds_what_it_needs_besides_code(names: list[str]) -> None:
    briefs = {f"corpus/briefs/{path.name}" for path in shipped_briefs()}
    assert len(briefs) >= 16
    needed = {
        *briefs,
        *(f"{package}/py.typed" for package in PACKAGES),
        *(f"qa/web/templates/{name}.html" for name in ("answer", "conversation", "error", "holdings")),
        "corpus/sources.toml",
        "qa/web/static/chat.css",
        "qa/web/static/chat.js",
    }
    assert needed - set(names) == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_is_small(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    assert 0 < sizes.pop(WEIGHTS) <= MOST_BYTES_OF_WEIGHTS
    assert [name for name, size in sizes.items() if size > MOST_BYTES] == []
    assert wheel.stat().st_size <= MOST_BYTES + MOST_BYTES_OF_WEIGHTS


def test_what_is_installed_from_the_wheel_runs(wheel: Path, tmp_path: Path) -> None:
    site, library, elsewhere = tmp_path / "site", tmp_path / "library", tmp_path / "elsewhere"
    elsewhere.mkdir()
    make_library(library, HashEncoder())
    install = "pip install --quiet --no-deps --no-index --no-compile --disable-pip-version-check --target".split()
    subprocess.run([sys.executable, "-m", *install, str(site), str(wheel)], capture_output=True, check=True)
    environment = {**os.environ, "PYTHONPATH": str(site), "KRAKOW_QA_LIBRARY": str(library)}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    where = run("-c", "import corpus, index, qa.web; print(corpus.__file__, index.__file__, qa.__file__)")
    assert where.split() == [str(site / package / "__init__.py") for package in ("corpus", "index", "qa")]
    command = str(site / "bin" / "krakow-qa")
    version = wheel.name.split("-")[1]
    assert version in run(command, "--version")
    assert "Commands:" in run(command, "--help")
    listed = run(command, "list").splitlines()
    assert len(listed) == len(shipped_briefs())
    assert run("-m", "qa", "list").splitlines() == listed
    data = "from corpus.catalogue import shipped_briefs, shipped_catalogue; print(len(shipped_briefs()))"
    assert int(run("-c", f"{data}; assert shipped_catalogue()")) == len(shipped_briefs())
    assert list(elsewhere.iterdir()) == []
