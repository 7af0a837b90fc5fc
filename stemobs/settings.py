"""All settings, read from the environment; docs/operations.md lists every variable.

Debug is off unless asked for. With debug off the site refuses to start without a secret key and
the names of its hosts.
"""

import re
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from stemobs.databases.configuration import read_databases
from stemobs.publisher import LICENCE_ID, LICENCE_NAME, NAME

# The path of the API. The version stays a part of it, so that addresses keep working for ever.
API_PATH = "api/v1/"
BASE_DIR = Path(__file__).resolve().parent.parent
# When this process started, maybe with a new release.
STARTED = datetime.now(UTC)
# Rates such as 600/min, of at most four digits.
RATE = re.compile(r"[1-9]\d{0,3}/(s|min|h|d)")

# Letters that the two versions of IDNA encode differently, and format characters.
AMBIGUOUS_IN_HOSTS = re.compile("[ßς\u200c\u200d]")
DEFAULT_PORTS = {"http": 80, "https": 443}
PROXY_HEADER = re.compile(r"HTTP_[A-Z0-9_]+")
# Caches that need no package besides Django. Redis and memcached would need one that is not locked.
CACHE_SCHEMES = ("filecache", "dbcache", "locmemcache", "dummycache")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

env = environ.Env()


def read_number(name: str, default: int, least: int = 0) -> int:
    """Return a whole number from the environment; refuse anything else by the variable's name."""
    text = env.str(name, default=str(default)).strip()
    if not text.isdecimal() or int(text) < least:
        raise ImproperlyConfigured(f"Set {name} to a whole number of at least {least}.")
    return int(text)


def read_networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return the addresses and networks that a variable names, separated by commas."""
    try:
        return [ip_network(text.strip()) for text in env.list(name, default=[]) if text.strip()]
    except ValueError:
        raise ImproperlyConfigured(
            f"Set {name} to addresses or networks, such as 127.0.0.1,10.0.0.0/8."
        ) from None


def encode_host(name: str) -> str:
    """Return a host's name as browsers send it: in lower case, and in punycode beyond ASCII."""
    if name.isascii():
        return name.lower()
    try:
        if AMBIGUOUS_IN_HOSTS.search(name):
            raise UnicodeError
        return name.encode("idna").decode().lower()
    except UnicodeError:
        raise ImproperlyConfigured(
            f"Write the host {name} in punycode (xn--…): it cannot be encoded in only one way."
        ) from None


def read_site_url(text: str) -> str:
    """Return the public address as scheme, host and port; refuse an address with more than that.

    A port that goes without saying is left out, because browsers leave it out of Origin too.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    is_address = text and parts.scheme in DEFAULT_PORTS and re.fullmatch(r"[^\s/?#@\\]+", host)
    if not is_address or parts.username is not None:
        raise ImproperlyConfigured(
            "Set SITE_URL to the public address, such as https://example.org."
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            "Set SITE_URL to an address without a path: the site needs a host's name of its own."
        )
    name = f"[{host}]" if ":" in host else encode_host(host)
    return f"{parts.scheme}://{name}" + (
        "" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}"
    )


def read_cache(default: str) -> dict[str, str]:
    """Return the settings of the cache; refuse one that could only fail at the first request."""
    address = env.str("CACHE_URL", default=default) or default
    if address.partition("://")[0] not in CACHE_SCHEMES:
        raise ImproperlyConfigured(
            "Set CACHE_URL to filecache://FOLDER or dbcache://TABLE. Other caches, such as Redis, "
            "need a package that is not among the locked ones."
        )
    is_of_files = address.startswith("filecache:")
    return env.cache_url_config(address, "stemobs.clients.CountFiles" if is_of_files else None)


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = [
    encode_host(name.strip())
    for name in env.list(
        "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else []
    )
    if name.strip()
]

if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters.")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names that this site answers to.")
# Absolute links come from here, never from the Host header of a request.
SITE_URL = read_site_url(env.str("SITE_URL", default="http://127.0.0.1:8000" if DEBUG else ""))

INSTALLED_APPS = [
    "stemobs.apps.CurationAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "programmes",
    "partnerships",
    "stemobs",
]

MIDDLEWARE = [
    # First, so that every line of the log has the id of its request.
    "stemobs.http.watching.request_ids.RequestIds",
    # Outside of all that answers, to count and to time every answer.
    "stemobs.http.watching.metrics.Metrics",
    # Early, so that requests refused by later middleware get the security headers too.
    "stemobs.http.headers.SecurityHeaders",
    # Before anything that looks at the host or the scheme: a probe knows neither.
    "stemobs.http.health.HealthChecks",
    "stemobs.http.clients.CrossOrigin",
    # Outside of all that sends links or redirects.
    "stemobs.http.heads.ShortHeads",
    "django.middleware.security.SecurityMiddleware",
    "stemobs.http.addresses.guard.InputGuard",
    "stemobs.http.headers.UnindexedSearches",
    "stemobs.http.errors.OwnErrorPages",
    # Before Compression, because static files were already compressed by collectstatic.
    "stemobs.http.compression.StaticFiles",
    "stemobs.http.compression.Compression",
    # After WhiteNoise, so that requests for static files do not count towards the limit.
    "stemobs.http.clients.RateLimit",
    "stemobs.http.caching.CachePolicy",
    "stemobs.http.addresses.chains.OneRedirect",
    "stemobs.http.addresses.tracking.TrackingParameters",
    "stemobs.http.addresses.plain.PlainAddresses",
    "stemobs.http.caching.ContentTags",
    "stemobs.http.caching.RevisionTags",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "stemobs.http.addresses.plain.MissingSlashes",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, so that its page for too many tries passes through all others.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "stemobs.urls"
WSGI_APPLICATION = "stemobs.wsgi.application"

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
                "stemobs.http.context.add_site_context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "stemobs.templatetags.icons",
                "stemobs.templatetags.limits",
            ],
        },
    },
]

# Forms have many fields, so the plain ones are written without templates.
FORM_RENDERER = "stemobs.widgets.QuickRenderer"

# SQLite by default. With PostgreSQL, DATABASE_REPLICA_URLS names replicas that readers are answered
# from. DATABASE_POOLER says what stands before PostgreSQL: nothing, or a pooler that gives each
# transaction another connection, such as PgBouncer in its mode “transaction”. Through one, settings
# hold for a transaction only, and cursors of the server cannot be used.
IS_DATABASE_CHOSEN = bool(env.str("DATABASE_URL", default=""))
DATABASES = read_databases(env, default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
DATABASE_REPLICAS = [alias for alias in DATABASES if alias != "default"]
# The folder that all processes of this host share, and no other host, for what they have shown.
HOST_ROOT = env.path("HOST_ROOT", default=str(BASE_DIR / ".cache"))
# The cache for the rate limit, in files that all processes of a machine share. For each new client
# the folder is listed, so it is kept small: when it is full, Django deletes a third of its entries.
CACHE_FOLDER = f"filecache://{BASE_DIR / '.cache'}?max_entries=2000"
# How many public answers each process keeps in memory while they are current. An answer takes about
# 60 kB, and 250 kB at most.
ANSWERS_KEPT = read_number("ANSWERS_KEPT", default=200)
CACHES = {
    "default": read_cache(CACHE_FOLDER),
    "answers": {
        "BACKEND": "django.core.cache.backends."
        + ("locmem.LocMemCache" if ANSWERS_KEPT else "dummy.DummyCache"),
        "OPTIONS": {"MAX_ENTRIES": ANSWERS_KEPT},
    },
    # The tags of answers, about 400 bytes each, so that most who ask whether something changed
    # learn it at once.
    "tags": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "tags",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
# How many requests one client may send to the API and for files, such as 600/min. The unit is
# s, min, h or d; an empty text means no limit.
API_RATE = env.str("API_RATE", default="600/min")
if API_RATE and not RATE.fullmatch(API_RATE):
    raise ImproperlyConfigured("Set API_RATE to a rate such as 600/min, or to nothing.")
# How many suggestions one client may send, in the same form.
SUGGESTION_RATE = env.str("SUGGESTION_RATE", default="10/d")
if SUGGESTION_RATE and not RATE.fullmatch(SUGGESTION_RATE):
    raise ImproperlyConfigured("Set SUGGESTION_RATE to a rate such as 10/d, or to nothing.")
# How many rendered rows of lists each process caches, and as many again for searches. A row takes
# about 3 kB.
CARDS_KEPT = read_number("CARDS_KEPT", default=5_000)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Axes asks the first backend whether somebody may try; the second checks the password.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "stemobs.http.sign_in.OnePasswordAtATime",
]
AXES_HANDLER = "stemobs.http.sign_in.SignInHandler"
AXES_CLIENT_IP_CALLABLE = "stemobs.http.sign_in.find_address"
AXES_LOCKOUT_CALLABLE = "stemobs.http.sign_in.refuse_sign_in"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False  # else it logs addresses

# Whether nobody gets into the admin without a code besides the password.
REQUIRE_OTP = env.bool("REQUIRE_OTP", default=False)
OTP_TOTP_ISSUER = NAME

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "stemobs.formats"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "stemobs.http.assets.JoinedFiles",
]
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
MEDIA_URL = "media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "media"))
# Pictures of what is not published lie here, where no proxy serves them.
DRAFTS_ROOT = env.path("DRAFTS_ROOT", default=str(BASE_DIR / "drafts"))
if any(Path(str(DRAFTS_ROOT)).is_relative_to(str(root)) for root in (MEDIA_ROOT, STATIC_ROOT)):
    raise ImproperlyConfigured("Set DRAFTS_ROOT to a folder outside MEDIA_ROOT and STATIC_ROOT.")
# The folder into which `manage.py dump` writes. The site offers the newest dump in it for download;
# an empty text means that the site offers no dump.
DUMPS_ROOT = env.str("DUMPS_ROOT", default="")
STORAGES = {
    "default": {"BACKEND": "programmes.pictures.storing.PictureStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "stemobs.http.assets.StaticStorage"
        )
    },
}

# Named as the setting of Django 6.0, which cannot be used yet: it needs a newer Python than
# Debian 12 has. stemobs.http.headers sends this policy.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# Whether records are published, withdrawn and restored only by somebody who neither wrote nor last
# changed them.
FOUR_EYES = env.bool("FOUR_EYES", default=False)

# The contact in /.well-known/security.txt: an address that starts with mailto: or https:.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
# Where readers can write instead of using the form for suggestions.
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")

# Who may read /metrics; without anybody nothing is counted.
METRICS = read_networks("METRICS")

# Mail is sent to the administrator alone, when a service has failed.
vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = 10  # seconds
EMAIL_SUBJECT_PREFIX = f"[{NAME}] "
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "MAIL_FROM", default=f"stem-observatory@{urlsplit(SITE_URL).hostname}"
)
ADMINS = [(NAME, address) for address in [env.str("ADMIN_EMAIL", default="")] if address]

# Set this variable if a proxy stands in front of the site, for instance HTTP_X_FORWARDED_PROTO.
if proxy_header := env.str("TRUSTED_PROXY_PROTO_HEADER", default=""):
    if not PROXY_HEADER.fullmatch(proxy_header):
        raise ImproperlyConfigured(
            "Set TRUSTED_PROXY_PROTO_HEADER to a name such as HTTP_X_FORWARDED_PROTO."
        )
    SECURE_PROXY_SSL_HEADER = (proxy_header, "https")

HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
# HSTS cannot be taken back before its time is over, and may cover hosts that are not ours to decide
# on. So it is a choice of whoever runs the site, and Django's advice to turn it on is silenced.
SECURE_HSTS_SECONDS = read_number("HSTS_SECONDS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W021"]
if SECURE_HSTS_SECONDS and not HTTPS:
    raise ImproperlyConfigured("Set HSTS_SECONDS only with a SITE_URL that starts with https://.")
if SECURE_HSTS_PRELOAD and not (
    SECURE_HSTS_INCLUDE_SUBDOMAINS and SECURE_HSTS_SECONDS >= 31_536_000
):
    raise ImproperlyConfigured(
        "Set HSTS_PRELOAD only with HSTS_INCLUDE_SUBDOMAINS=true and HSTS_SECONDS=31536000 or more."
    )
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "stemobs.http.errors.handle_csrf_failure"

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# The admin form of a programme with forty figures has about 600 fields; Django's default is 1,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["stemobs.encoding.FastJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "stemobs.api.negotiation.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "stemobs.api.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": False,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ",  # as stemobs/encoding.py writes times
    # How many own proxies append to X-Forwarded-For; earlier entries in it are not trusted.
    "NUM_PROXIES": read_number("TRUSTED_PROXIES", default=0),
    "DEFAULT_SCHEMA_CLASS": "stemobs.api.openapi.operations.OperationSchema",
}

SPECTACULAR_SETTINGS = {
    "TITLE": NAME,
    "VERSION": "1",
    "LICENSE": {"name": LICENCE_NAME, "identifier": LICENCE_ID},
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": f"/{API_PATH.rstrip('/')}",
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enum_id_removal",
        "stemobs.api.openapi.whole.complete_description",
    ],
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in LOG_LEVELS:
    raise ImproperlyConfigured(f"Set LOG_LEVEL to one of {', '.join(LOG_LEVELS)}.")
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured("Set LOG_FORMAT to line or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "stemobs.logs.JSONLines"},
    },
    "filters": {"tokens": {"()": "stemobs.logs.HideTokens"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["tokens"],
        }
    },
    # Django's own console handler is switched off, because it would write every line twice.
    "loggers": {"django": {"handlers": [], "level": "NOTSET"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
