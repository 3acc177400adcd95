"""`make look`: every page photographed as the people who use it see it, and measured; look/index.html.

Follows the links of each role's pages, so that a new page is on the sheet as soon as something links to
it. Three worlds: an empty installation, the demo municipality, and a class where everything is long.
Says what would be felt on a phone: sideways scroll, a first action out of sight, targets under 44 px,
what axe finds, what the console says. Ends with 1 when something was found.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
WORLDS = ["empty", "usual", "full"]
TODAY = "2026-11-24"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", default=",".join(WORLDS))
    parser.add_argument("--world", help="one world, in this process")
    parser.add_argument("--roles", default="", help="mentor,student_health ...; all when left out")
    parser.add_argument("--students", type=int, default=240)
    parser.add_argument("--out", default=str(PROJECT / "look"))
    options = parser.parse_args()
    if options.world:
        return one_world(options)
    worlds = options.worlds.split(",")
    codes = [
        subprocess.run(
            [sys.executable, "-m", "tests.look", *sys.argv[1:], "--world", world], cwd=PROJECT, check=False
        ).returncode
        for world in worlds
    ]
    from tests.look.sheet import write

    write(Path(options.out))
    return max(codes)


def one_world(options) -> int:
    """Own servers on an own folder, so that nothing of anybody's is touched."""
    root = Path(os.environ.get("KOLL_DATA") or PROJECT / ".local").resolve()
    home = root / "look" / options.world
    home.mkdir(parents=True, exist_ok=True)
    (root / "static").mkdir(exist_ok=True)  # whitenoise warns where it is missing
    from followup.embedded import Servers

    servers = Servers(home, durable=False)
    servers.join()
    os.environ.update(
        DATABASE_URL=servers.postgres.url,
        REDIS_URL=servers.redis.url,
        KOLL_DATA=str(root),
        KOLL_EMBEDDED="1",
        KOLL_TODAY=TODAY,
        DEMO="1" if options.world == "usual" else "0",
        DEBUG="0",
        LOG_LEVEL="CRITICAL",
        DJANGO_SETTINGS_MODULE="tests.look.settings",
        DJANGO_ALLOW_ASYNC_UNSAFE="1",  # playwright holds an event loop while we ask the database
    )
    import django

    django.setup()
    from tests.look import walk, worlds

    people = worlds.fill(options.world, students=options.students)
    wanted = options.roles.split(",") if options.roles else list(people)
    people = {role: user for role, user in people.items() if role in wanted}
    return walk.walk(options.world, people, Path(options.out))


if __name__ == "__main__":
    sys.exit(main())
