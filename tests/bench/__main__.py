"""`make bench`: starts its own servers on its own data folder, fills it once, and measures."""

import argparse
import hashlib
import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LAST_DAY = "2026-06-13"  # the day after a whole school year: every pupil has 178 days behind her


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pupils", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="import,scan,page")
    parser.add_argument("--rows", type=int, default=0, help="rows of the attendance file; 25 per pupil")
    options = parser.parse_args()

    home = data_folder(options.pupils, options.seed)
    from followup.embedded import Servers

    servers = Servers(home)
    servers.join()
    os.environ.update(
        DATABASE_URL=servers.postgres.url,
        REDIS_URL=servers.redis.url,
        KOLL_DATA=str(home),
        KOLL_EMBEDDED="1",
        KOLL_TODAY=LAST_DAY,
        DEMO="1",
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="tests.bench.settings",
    )
    import django

    django.setup()
    from tests.bench import data

    data.fill_once(options.pupils, options.seed)
    for name in options.only.split(","):
        measure = __import__(f"tests.bench.{name}s", fromlist=["measure"]).measure
        measure(rows=options.rows or min(10_000_000, options.pupils * 25))


def data_folder(pupils: int, seed: int) -> Path:
    """One folder per size, seed and schema: a changed migration or generator means new data."""
    parts = sorted([*PROJECT.glob("**/migrations/0*.py"), *PROJECT.glob("followup/demo/*.py")])
    schema = hashlib.sha256(b"".join(path.read_bytes() for path in parts if ".venv" not in path.parts))
    root = Path(os.environ.get("KOLL_DATA") or PROJECT / ".local")
    return root / f"bench-{pupils}-{seed}-{schema.hexdigest()[:8]}"


if __name__ == "__main__":
    main()
