"""How a measure is said: one JSON line."""

import json
import time
from contextlib import contextmanager


def say(name: str, value: float, unit: str, *, floor: float | None = None, most: float | None = None, **more):
    line = {"name": name, "value": round(value, 3), "unit": unit}
    if floor is not None:
        line |= {"floor": round(floor, 3), "ratio": round(value / floor, 2) if floor else None}
    if most is not None:
        line |= {"most": most, "holds": bool(floor) and value / floor <= most}
    print(json.dumps(line | more), flush=True)


class Stopwatch:
    seconds = 0.0


@contextmanager
def timed():
    watch = Stopwatch()
    start = time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - start
