"""Production is described in files that no Docker engine tries here, so this reads them."""

import os
import re
import subprocess
import sys

import pytest
import yaml
from django.conf import settings

from followup.postgres import MAJOR

BASE = settings.BASE_DIR
COMPOSE = yaml.safe_load((BASE / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]
READ_BY_SETTINGS = set(
    re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (BASE / "followup" / "settings.py").read_text())
)
DOCUMENTED = set(re.findall(r"^#?([A-Z_]+)=", (BASE / ".env.example").read_text(), re.MULTILINE))
SET_BY_MANAGE = {"KOLL_EMBEDDED"}


def substituted(text: str) -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_every_variable_of_the_services_is_known_to_settings():
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= READ_BY_SETTINGS, name


def test_every_variable_that_koll_reads_is_explained():
    assert READ_BY_SETTINGS - SET_BY_MANAGE <= DOCUMENTED
    assert substituted((BASE / "docker-compose.yml").read_text()) <= DOCUMENTED
    assert READ_BY_SETTINGS | substituted((BASE / "docker-compose.yml").read_text()) >= DOCUMENTED


def test_no_secret_stands_in_a_file():
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert f"${{{name}:?" in (BASE / "docker-compose.yml").read_text()
        assert re.search(rf"^{name}=$", (BASE / ".env.example").read_text(), re.MULTILINE)
    assert ".env" in (BASE / ".gitignore").read_text().split()
    assert ".env" in (BASE / ".dockerignore").read_text().split()


def test_production_runs_the_same_postgresql_as_the_tests():
    assert SERVICES["postgres"]["image"] == f"postgres:{MAJOR}"
    assert SERVICES["postgres"]["volumes"] == [
        "postgres:/var/lib/postgresql"
    ]  # as the image wants it from 18 on
    assert (
        "--locale-provider=builtin --locale=C.UTF-8"
        in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    )
    assert re.fullmatch(r"redis:(7|8)(\.\d+)?", SERVICES["redis"]["image"])
    assert "--appendonly" in SERVICES["redis"]["command"]


def test_the_database_does_not_log_names_and_numbers():
    for quiet in ("log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse"):
        assert quiet in SERVICES["postgres"]["command"]


def test_everything_that_stays_up_has_a_health_check_and_waits_for_what_it_needs():
    for name, service in SERVICES.items():
        if name != "migrate":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["postgres"]["condition"] == "service_healthy"
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_only_the_web_is_reached_and_only_from_the_machine_itself():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_the_image_does_not_run_as_root_and_installs_what_is_pinned():
    dockerfile = (BASE / "Dockerfile").read_text()
    assert re.search(r"^USER (?!root)\w+$", dockerfile, re.MULTILINE)
    assert "--require-hashes -r requirements.txt" in dockerfile
    assert re.search(r"^FROM python:3\.1[1-4]-", dockerfile, re.MULTILINE)
    for name in OURS:
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def production(**variables) -> dict:
    """The environment that docker-compose.yml gives to web, with the secrets filled in."""
    given = {
        "SECRET_KEY": "ett-hemligt-tal-som-ingen-gissar-0123456789-abcdefghij-ABCDEFGHIJ",
        "POSTGRES_PASSWORD": "hemligt",
        "ALLOWED_HOSTS": "koll.example.se",
        "EMAIL_URL": "submission://user:password@smtp.example.se:587",
        "DEFAULT_FROM_EMAIL": "koll@example.se",
    }

    def filled(value: str) -> str:
        return re.sub(
            r"\$\{(\w+)(?::[?-]([^}]*))?\}", lambda found: given.get(found[1], found[2] or ""), value
        )

    environment = {name: filled(str(value)) for name, value in SERVICES["web"]["environment"].items()}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | environment | variables


def test_the_deployment_checks_find_nothing_in_production_settings():
    done = subprocess.run(
        [sys.executable, BASE / "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        env=production(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_production_without_a_secret_does_not_start():
    done = subprocess.run(
        [sys.executable, BASE / "manage.py", "check"],
        env=production(SECRET_KEY=""),
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "SECRET_KEY saknas" in done.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_have_hashes_and_no_address(name):
    """An address in the list would send every later installer to this machine's own index."""
    text = (BASE / name).read_text()
    for forbidden in ("http", "file:", "index", "find-links", "trusted-host"):
        assert forbidden not in text
    pins = re.findall(r"^[a-z0-9][\w.-]*(?:\[[\w,-]+\])?==\S+", text, re.MULTILINE)
    requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) == len(requirements) > 40
    assert text.count("--hash=sha256:") >= len(pins)


def test_what_runs_is_pinned_alike_in_both_lists():
    run, dev = (
        set(re.findall(r"^(\S+==\S+)", (BASE / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert run <= dev
