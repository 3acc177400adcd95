#!/usr/bin/env python
"""Every command of Koll, on the data in KOLL_DATA (default .local/), whether the servers run or not."""

import os
import signal
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "followup.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave in order, as after Ctrl-C
    try:
        from django.core.management import execute_from_command_line

        from followup import embedded
        from followup.plainly import CannotStart
    except ImportError as error:
        print(f"Miljön är inte färdig ({error}). Kör `make .venv`.", file=sys.stderr)
        return 1
    try:
        embedded.join_for(sys.argv)
        execute_from_command_line(sys.argv)
    except CannotStart as sentence:
        print(sentence, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
