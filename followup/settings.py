"""Settings: one file, from the environment only, loud when something is missing.

Every variable is listed with its meaning in `.env.example`.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import structlog
from csp.constants import NONE, SELF
from environs import Env

env = Env(prefix="")
BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

# What kind of installation this is ------------------------------------------
# Production is the default: whoever forgets to set anything gets the strict one.

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
KOLL_DATA = Path(env.str("KOLL_DATA", str(BASE_DIR / ".local"))).expanduser().resolve()
KOLL_TODAY = env.date("KOLL_TODAY", None)  # moves the clock, in tests and demo only
EMBEDDED = env.bool("KOLL_EMBEDDED", False)  # set by manage.py when it started the servers itself
LOCAL = EMBEDDED or DEMO or DEBUG or TESTING

SECRET_KEY = env.str("SECRET_KEY", "only-for-this-machine-and-its-tests-0123456789abcdef" if LOCAL else None)
if not SECRET_KEY:
    sys.exit("SECRET_KEY saknas. Sätt den i miljön, se .env.example.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])

# Rooms -----------------------------------------------------------------------

INSTALLED_APPS = [
    "followup.apps.FollowupConfig",
    "followup.accounts",
    "followup.audit",
    "students",
    "followup.risk",
    "followup.coaching",
    "followup.boards",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "followup.apps.OnlyWhatIsUsed",  # django.contrib.staticfiles
    "django.forms",  # the widgets' templates, so that ours may replace them
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "bs_icon_templates",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_structlog",
    "pgtrigger",
    "pghistory",
]

# What crosses rooms is offered as furniture and listed here, in order: see followup/offers.py.
RISK_INDICATORS = ["followup.risk.indicators.attendance", "followup.risk.indicators.grades"]
TODAY = [
    "followup.coaching.today",
    "followup.risk.today",
    "students.today",
    "students.imports.today",
    "followup.accounts.today",
    "followup.boards.today",
]
TIMELINE = ["followup.coaching.timeline", "followup.risk.timeline", "students.timeline"]
STUDENT_PANELS = [
    "followup.risk.student_panels",
    "students.student_panels",
    "followup.coaching.student_panels",
]
AFTER_IMPORT = ["followup.risk.after_import"]
AFTER_ROLE_END = ["followup.risk.after_role_end"]
PANELS = ["followup.risk.panels"]

# The outer middleware see everything, the last one makes pages unable to write.
MIDDLEWARE = [
    "followup.health.HealthMiddleware",  # before the redirect to https: a load balancer asks from inside
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "followup.audit.middleware.ReadingMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "followup.errors.SignedInMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "followup.scoping.ScopeMiddleware",
    "followup.navigation.NumbersMiddleware",
    "followup.readonly.ReadOnlyMiddleware",
]

ROOT_URLCONF = "followup.urls"
WSGI_APPLICATION = "followup.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "followup.navigation.frame",
            ],
            "builtins": ["followup.templatetags.koll"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# PostgreSQL and Redis ---------------------------------------------------------

DATABASES = {"default": env.dj_db_url("DATABASE_URL", "postgresql://koll@127.0.0.1:5432/koll")}
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "followup.cache.ForgivingRedisCache",  # a silent Redis must not close the sign-in
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "koll",
    }
}

# Sign-in -----------------------------------------------------------------------
# https://docs.allauth.org/en/latest/account/configuration.html

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:  # a hundred people sign in to the tests; theirs are no secrets
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "accounts:demo" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "followup.accounts.adapter.AccountAdapter"  # nobody signs up by herself
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the address comes from the staff file or the administrator
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers
ACCOUNT_EMAIL_NOTIFICATIONS = True  # "your password has been changed"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Koll: "
ACCOUNT_SESSION_REMEMBER = False
# A whole school often shares one address, so the limits per address are wide and those per account narrow.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "60/m/ip,5/300s/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)  # how many proxies stand in front of the web
PASSWORD_RESET_TIMEOUT = 24 * 3600
INVITATION_DAYS = 7
USERSESSIONS_TRACK_ACTIVITY = False  # on, it writes at every request
SESSION_COOKIE_AGE = env.int("SESSION_MINUTES", 240) * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Language and time ---------------------------------------------------------------

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["followup.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"

# Static files ---------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(KOLL_DATA / "static")))
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", Path(find_spec("bootstrap").submodule_search_locations[0])),  # from the wheel, not copied
]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "followup.typeface.TypefaceFinder",
]
_manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # uploads live in the database
    "staticfiles": {"BACKEND": _plain if DEBUG or TESTING else _manifest},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = DEBUG or TESTING

# Safety -----------------------------------------------------------------------------
# https://docs.djangoproject.com/en/5.2/topics/security/

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "followup.errors.csrf_failure"
HTTPS = env.bool("HTTPS", not LOCAL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# E-mail ---------------------------------------------------------------------------------

_email = env.dj_email_url("EMAIL_URL", "console:")
if "EMAIL_BACKEND" not in _email:
    sys.exit(
        "EMAIL_URL går inte att förstå. Så här ser den ut: submission://user:password@smtp.kommun.se:587"
    )
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email.get("EMAIL_HOST", "")
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "koll@localhost")

# Celery ----------------------------------------------------------------------------------
# A part of the night may be killed at any time and is given to another worker; each part claims
# its row in the database, so that a message delivered twice does the work once.
# The visibility timeout must exceed the longest part (kombu delivers again when it has passed).

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_BEAT_SCHEDULER = "followup.celery.Timekeeper"
CELERY_BEAT_SCHEDULE_FILENAME = str(KOLL_DATA / "run" / "beat")
CELERY_BEAT_MAX_LOOP_INTERVAL = 60
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"

# Logs: events with fields, never a name, a number or a text about a pupil -------------------

_chain = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"discreet": {"()": "followup.discretion.Discreet"}},
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": _chain,
        }
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["discreet"]}},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        "django": {"handlers": [], "level": "INFO"},  # no error reports by mail: they carry local values
    },
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", "INFO")},
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_chain,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

SILENCED_SYSTEM_CHECKS = []
