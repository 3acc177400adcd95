"""The settings of the measured server: the same as anywhere, with two bare pages to compare with."""

from followup.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
