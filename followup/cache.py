"""The cache on Redis, which is a convenience: a Redis that is down acts as an empty cache.

It holds the rate limits of the sign-in. Without this, nobody could sign in when Redis is down.
"""

import time
from functools import cache, cached_property

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

PAUSE = 5  # seconds without asking again, so that a page does not wait for a silent host at every key


@cache
def _client(servers: tuple, options: tuple) -> RedisCacheClient:
    """One for all threads of a process. Django's own makes one for each, and a thread that ends leaves it open."""
    return RedisCacheClient(list(servers), **dict(options))


class ForgivingRedisCache(RedisCache):
    def __init__(self, server, params):
        options = {"socket_connect_timeout": 1, "socket_timeout": 2, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._silent_until = 0.0

    @cached_property
    def _cache(self):
        return _client(tuple(self._servers), tuple(self._options.items()))

    def _ask(self, method, empty, *args, **kwargs):
        """The answer of Redis, or what an empty cache would have answered."""
        if time.monotonic() < self._silent_until:
            return empty
        try:
            return method(*args, **kwargs)
        except RedisError as error:
            if isinstance(error, (RedisConnectionError, TimeoutError)):
                self._silent_until = time.monotonic() + PAUSE
            return empty

    def add(self, *args, **kwargs):
        return self._ask(super().add, True, *args, **kwargs)

    def get(self, key, default=None, version=None):
        return self._ask(super().get, default, key, default, version)

    def set(self, *args, **kwargs):
        return self._ask(super().set, None, *args, **kwargs)

    def touch(self, *args, **kwargs):
        return self._ask(super().touch, False, *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._ask(super().delete, False, *args, **kwargs)

    def get_many(self, *args, **kwargs):
        return self._ask(super().get_many, {}, *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._ask(super().has_key, False, *args, **kwargs)

    def incr(self, key, delta=1, version=None):
        value = self._ask(super().incr, None, key, delta, version)
        if value is None:
            raise ValueError("Key is not in the cache")  # what Django's caches say of an unknown key
        return value

    def set_many(self, data, *args, **kwargs):
        return self._ask(super().set_many, list(data), data, *args, **kwargs)

    def delete_many(self, *args, **kwargs):
        return self._ask(super().delete_many, None, *args, **kwargs)

    def clear(self):
        return self._ask(super().clear, False)
