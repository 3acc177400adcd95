"""/healthz tells a load balancer and a person whether Koll works."""

from threading import Thread

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import override_settings

from followup.cache import ForgivingRedisCache
from followup.health import sign_of_life

NOBODY_THERE = "redis://127.0.0.1:1/0"


def test_a_well_house_says_so_without_a_session_and_with_one_statement(client, db, django_assert_num_queries):
    sign_of_life("worker")
    sign_of_life("beat")
    with django_assert_num_queries(1):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "reasons": []}
    assert not answer.cookies


def test_a_silent_worker_is_degraded_with_the_reason(client, db):
    sign_of_life("beat")
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["reasons"] == ["Ingen arbetsprocess hörs av: inläsningar och skanningar väntar."]


def test_a_silent_redis_is_degraded_with_the_reason(client, db):
    with override_settings(REDIS_URL=NOBODY_THERE):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["reasons"] == ["Redis svarar inte: inläsningar och nattens skanning väntar."]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_down_is_503(client):
    working = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict["OPTIONS"] = {"host": "/nowhere"}
    try:
        answer = client.get("/healthz")
    finally:
        connection.settings_dict.clear()
        connection.settings_dict.update(working)
        connection.close()
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["Databasen svarar inte."]


def test_all_threads_share_their_connections_to_redis():
    """Else each thread that ends leaves one open, and they fill the Redis of the whole house."""
    clients = [caches["default"]._cache]
    for _number in range(3):
        thread = Thread(target=lambda: clients.append(caches["default"]._cache))
        thread.start()
        thread.join()
    assert len(set(map(id, clients))) == 1


def test_a_redis_that_is_down_acts_as_an_empty_cache_so_that_people_can_sign_in(db):
    cache = ForgivingRedisCache(NOBODY_THERE, {})
    assert cache.add("lock", True) is True
    assert cache.get("attempts", []) == []
    cache.set("attempts", [1])
    assert cache.get_many(["a"]) == {}
    assert not cache.has_key("a")
    assert cache.delete("a") is False
    with pytest.raises(ValueError):
        cache.incr("a")
    cache.clear()


def test_a_redis_that_answers_remembers():
    cache = caches["default"]
    cache.set("attempts", [1], 30)
    assert cache.get("attempts") == [1]
