"""The container's file, the service's unit and the compose file are what their linters want, and name what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from corpus.postgres.dsn import Dsn
from tests.test_project import PACKAGES, ROOT

DOCKERFILE, UNIT = ROOT / "deploy" / "Dockerfile", ROOT / "deploy" / "krakow-qa.service"
COMPOSE = ROOT / "deploy" / "compose.yaml"

MOST_EXPOSED = 20
"""Of 100, as systemd-analyze weighs what a service may do; one without any protection has 96."""


def tool(name: str) -> str:
    """Where a linter is; the test is skipped where there is none, but fails where one is required."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        if os.environ.get("REQUIRE_LINTERS"):
            pytest.fail(f"{name} is required, and there is none")
        pytest.skip(f"there is no {name} on this machine")
    return found


def commands(name: str) -> list[str]:
    """What stands behind an instruction of the Dockerfile, each time with its lines joined."""
    text = re.sub(r"\\\n", " ", DOCKERFILE.read_text("utf-8"))
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(f"{name} ")]


def setting(name: str) -> list[str]:
    """The values of a setting of the unit."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it would be on a machine where the program is installed."""
    program = tmp_path / "krakow-qa"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    file = tmp_path / UNIT.name
    file.write_text(UNIT.read_text("utf-8").replace("/opt/krakow-qa/bin/krakow-qa", str(program)), "utf-8")
    return file


def test_hadolint_has_nothing_to_say() -> None:
    said = subprocess.run([tool("hadolint"), DOCKERFILE], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_systemd_verifies_the_unit(unit: Path) -> None:
    said = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in said.stderr.splitlines() if unit.name in line]
    assert (said.returncode, about_ours) == (0, [])


def test_the_unit_leaves_the_service_little_to_harm(unit: Path) -> None:
    said = subprocess.run(
        [tool("systemd-analyze"), "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout


def test_what_the_image_copies_is_there_and_reaches_the_builder() -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    copied = [each for line in commands("COPY") if not line.startswith("--") for each in line.split()[:-1]]
    assert {*PACKAGES, "pyproject.toml", "README.md", "LICENSE"} == set(copied)
    for name in copied:
        assert (ROOT / name).exists()
        rules = [rule for rule in ignored if fnmatch(name, rule.lstrip("!"))]
        assert rules[-1].startswith("!")


def test_the_container_runs_as_nobody_special_with_its_library_in_the_volume() -> None:
    (user,), (volume,) = commands("USER"), commands("VOLUME")
    (environment,) = commands("ENV")
    assert user == "10001:10001"
    assert f"KRAKOW_QA_LIBRARY={volume}/library" in environment


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_the_container_is_healthy_where_the_page_says_so(status: int | None, code: int) -> None:
    (check,) = commands("HEALTHCHECK")
    _, command, program = json.loads(check[check.index("CMD ") + 4 :])
    asked = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status or 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        if status is None:
            server.server_close()
        else:
            thread.start()
        assert "7860" in program
        done = subprocess.run(
            [sys.executable, command, program.replace("7860", str(port))], stderr=subprocess.DEVNULL, check=False
        )
        if status is not None:
            server.shutdown()
            thread.join()
    assert (done.returncode, asked) == (code, [] if status is None else ["/healthz"])


def test_the_service_starts_the_command_that_is_installed_and_owns_where_the_library_lies() -> None:
    (start,), (state,) = setting("ExecStart"), setting("StateDirectory")
    assert start.split()[0].endswith("/bin/krakow-qa")
    assert any(f"KRAKOW_QA_LIBRARY=/var/lib/{state}/library" in line for line in setting("Environment"))


def composed() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return composed


def test_what_the_compose_file_names_is_there() -> None:
    file = composed()
    services = file["services"]
    assert set(services) == {"primary", "standby", "page"}
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(file["volumes"])
        assert {each["source"] for each in service.get("configs", [])} <= set(file["configs"])
    build = services["page"]["build"]
    assert (COMPOSE.parent / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE
    assert any('".[postgres]"' in command for command in commands("RUN"))


def test_the_page_of_the_compose_file_knows_both_servers_and_no_password_stands_in_it() -> None:
    page, primary, standby = (composed()["services"][name] for name in ("page", "primary", "standby"))
    url = page["environment"]["KRAKOW_QA_LIBRARY"]
    assert Dsn.is_one(url)
    assert urlsplit(url).netloc == "krakow@primary,standby"
    assert primary["image"] == standby["image"] == "pgvector/pgvector:pg18"
    secrets = {**page["environment"], **primary["environment"]}
    given = [value for name, value in secrets.items() if "PASSWORD" in name]
    assert len(given) == 3
    assert all(re.fullmatch(r"\$\{\w+:\?.+\}", value) for value in given)


@pytest.mark.parametrize("name", ["replication", "following"])
def test_the_scripts_of_the_compose_file_are_shell(name: str) -> None:
    script = composed()["configs"][name]["content"].replace("$$", "$")
    done = subprocess.run(["sh", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
