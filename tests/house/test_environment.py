"""`make .venv`: a half-made environment is noticed and made again."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


class Checkout:
    """A fresh clone that needs no packages."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "followup").mkdir(parents=True)
        (folder / "followup" / "__init__.py").touch()
        shutil.copy(settings.BASE_DIR / "followup" / "environment.py", folder / "followup")
        for name in ("requirements.txt", "requirements-dev.txt"):
            (folder / name).write_text(f"# {name}: nothing\n")

    def make(self, wanted="run") -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "followup.environment", wanted],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "en klon")


def test_an_environment_that_was_left_half_made_is_made_again_and_a_good_one_is_left_alone(checkout):
    (checkout.folder / "requirements.txt").write_text("/nowhere/at-all.whl --hash=sha256:00\n")
    failed = checkout.make()
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("Paketen kunde inte hämtas")

    (checkout.folder / "requirements.txt").write_text("# mended\n")
    again = checkout.make()
    assert again.returncode == 0
    assert "inte färdig" in again.stdout

    assert checkout.make().stdout == ""
    assert checkout.make("dev").returncode == 0
    assert checkout.make("run").stdout == ""  # what the tests need is enough for running


def test_an_environment_that_is_a_link_belongs_to_somebody_else(checkout, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (checkout.folder / ".venv").symlink_to(tmp_path / "elsewhere")
    assert checkout.make().returncode == 0
    assert list((tmp_path / "elsewhere").iterdir()) == []
