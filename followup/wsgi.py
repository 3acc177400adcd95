"""The web server's door: `gunicorn followup.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "followup.settings")

application = get_wsgi_application()

# A page makes thousands of small objects and drops them again. At Python's own threshold the collector ran many
# times within one page and walked all the code that is loaded for good: a quarter of the time of the start page.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 10)
