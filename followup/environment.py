"""Makes .venv with the pinned requirements. Standard library only: it runs before anything is installed.

    python3 -m followup.environment          what `make run` needs
    python3 -m followup.environment dev      and what `make test` needs besides

A stamp inside .venv says what it holds. It is taken away before anything is changed, so that an
environment without a stamp was left half-made, and is made again. An environment that is a link belongs
to somebody else and is left alone.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / ".venv"
PYTHON = FOLDER / "bin" / "python"
LISTS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}
NEEDED = 900 * 2**20


def main(wanted: str) -> int:
    os.umask(0o022)  # the database's own user must be able to read its binaries
    with (PROJECT / LISTS["run"]).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `make run` and `make test` at the same time
        if FOLDER.is_symlink() or is_ready(wanted):
            return 0
        return make(wanted)


def is_ready(wanted: str) -> bool:
    return stamp() in {contents("dev"), contents(wanted)} and works()


def make(wanted: str) -> int:
    if shutil.disk_usage(PROJECT).free < NEEDED:
        return refuse(f"Disken är nästan full: miljön .venv behöver {NEEDED // 2**20} MB i {PROJECT}.")
    if not stamp() or not works():
        if FOLDER.exists():
            print("Miljön .venv var inte färdig och görs om.", flush=True)
            shutil.rmtree(FOLDER)
        if subprocess.run([sys.executable, "-m", "venv", FOLDER], stdout=subprocess.DEVNULL).returncode:
            shutil.rmtree(FOLDER, ignore_errors=True)
            return refuse(
                "Python kan inte göra miljön .venv. På Debian och Ubuntu saknas då ofta ett paket: "
                f"apt-get install python{sys.version_info.major}.{sys.version_info.minor}-venv"
            )
    stamp_file().unlink(missing_ok=True)
    print(f"Hämtar det som står i {LISTS[wanted]} till .venv, en enda gång …", flush=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
    if subprocess.run([*pip, "--require-hashes", "-r", PROJECT / LISTS[wanted]]).returncode:
        return refuse("Paketen kunde inte hämtas, se raderna ovan. Kör samma kommando igen.")
    stamp_file().write_text(contents(wanted))
    return 0


def contents(wanted: str) -> str:
    """What an environment holds: a list's name and a checksum of what stands in it."""
    return f"{wanted} {hashlib.sha256((PROJECT / LISTS[wanted]).read_bytes()).hexdigest()}"


def stamp_file() -> Path:
    return FOLDER / ".ready"


def stamp() -> str:
    try:
        return stamp_file().read_text()
    except OSError:
        return ""


def works() -> bool:
    """False when the Python that it was made with has gone."""
    try:
        return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0
    except OSError:
        return False


def refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
