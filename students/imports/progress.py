"""How far a file has come, for the bar on the page: in the cache, because the run is one transaction.

A silent Redis only means that the bar stands still.
"""

import time

from django.core.cache import cache

_KEPT = 3600


class Progress:
    """Tells at most twice a second."""

    def __init__(self, batch_id: int | None = None):
        self.batch_id, self.last = batch_id, 0.0

    def tell(self, percent: float) -> None:
        if self.batch_id and time.monotonic() - self.last > 0.5:
            self.last = time.monotonic()
            cache.set(f"import:{self.batch_id}", int(percent), _KEPT)


def forget(batch_id: int) -> None:
    """A run begins anew: what its preview came to is not how far it has come itself."""
    cache.delete(f"import:{batch_id}")


def of(batch_ids: list[int]) -> dict[int, int]:
    found = cache.get_many([f"import:{batch_id}" for batch_id in batch_ids]) if batch_ids else {}
    return {int(key.rpartition(":")[2]): percent for key, percent in (found or {}).items()}
