"""Is the house well? `/healthz` for load balancers, and signs of life from worker and beat.

503 when the database is down, because then no page works. A silent Redis, worker or beat leaves the
pages working, so it is 200 with "degraded" and the reason.
"""

import time

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import override

SILENT_AFTER = {"worker": 30, "beat": 150}  # seconds; a worker beats every 2 s, beat at least every minute


class HealthMiddleware:
    """Stands outside sessions, sign-in and scope: the question costs one statement and no cookie."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info != "/healthz":
            return self.get_response(request)
        with override("sv"):
            return answer()


def answer() -> JsonResponse:
    if not database_answers():
        body, status = {"status": "down", "reasons": [_("Databasen svarar inte.")]}, 503
    else:
        reasons = what_is_silent()
        body, status = {"status": "degraded" if reasons else "ok", "reasons": reasons}, 200
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True


def what_is_silent() -> list[str]:
    """One sentence for each part that has not been heard of."""
    try:
        heard = {who: heard_of(who) for who in SILENT_AFTER}
    except redis.RedisError:
        return [_("Redis svarar inte: inläsningar och nattens skanning väntar.")]
    sentences = {
        "worker": _("Ingen arbetsprocess hörs av: inläsningar och skanningar väntar."),
        "beat": _("Klockan som startar nattens skanning hörs inte av."),
    }
    return [sentence for who, sentence in sentences.items() if not heard[who]]


def queue_length() -> int | None:
    """How many tasks wait for a worker; None when Redis does not answer."""
    try:
        with _redis() as client:
            return client.llen("celery")
    except redis.RedisError:
        return None


def heard_of(who: str) -> bool:
    with _redis() as client:
        return client.exists(_key(who)) == 1


def sign_of_life(who: str) -> None:
    """Worker and beat say that they live; a Redis that is down hears nothing, and that is all right."""
    try:
        with _redis() as client:
            client.set(_key(who), int(time.time()), ex=SILENT_AFTER[who])
    except redis.RedisError:
        pass


def _key(who: str) -> str:
    return f"koll:alive:{who}"


def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)
