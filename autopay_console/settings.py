"""Settings in one file, in reading order; every value that differs between places comes from env.py.

AUTOPAY_MODE says where we are: production (default), demo (keys made once under var/keys) or test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from autopay_console import env, keys

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where we are ---------------------------------------------------------------------------------------------
MODE = env.one_of("AUTOPAY_MODE", ("production", "demo", "test"), "production")
DEMO = MODE == "demo"
TESTING = MODE == "test"
PRODUCTION = MODE == "production"
DEBUG = env.flag("AUTOPAY_DEBUG")
VAR = Path(env.text("AUTOPAY_VAR", str(BASE_DIR / "var")))  # database, files, keys, sockets of this installation
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver" if not PRODUCTION else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# --- Keys -----------------------------------------------------------------------------------------------------
SECRET_KEY = keys.secret_key(MODE, VAR)
FIELD_KEYS = keys.field_keys(MODE, VAR)  # first one encrypts, all of them decrypt

# --- Parts ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "autopay_console",
    "companies",
    "payments",
    "integration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "simple_history",
    "django_structlog",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "autopay_console.middleware.WholePageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "autopay_console.middleware.PersonLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "companies.middleware.CurrentCompanyMiddleware",
]
ROOT_URLCONF = "autopay_console.urls"
WSGI_APPLICATION = "autopay_console.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "autopay_console.shell.shell",
            ],
        },
    }
]
FORM_RENDERER = "autopay_console.kernel.forms.ConsoleFormRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database -------------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{VAR / 'console.sqlite3'}")
DATABASES: dict[str, dict[str, Any]] = {"default": env.database(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a deferred transaction that turns into a writer fails at once when locked
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;"
            " PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-16000; PRAGMA foreign_keys=ON;"
        ),
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}}
elif "mssql" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["ENGINE"] = "autopay_console.db.mssql"
    DATABASES["default"]["OPTIONS"] = {
        "python_driver": env.text("MSSQL_DRIVER", "mssql_python"),
        "extra_params": env.text("MSSQL_EXTRA", "Encrypt=yes;TrustServerCertificate=no"),
        "isolation_level": "READ COMMITTED",
        "query_timeout": 60,
        "connection_timeout": 10,
        "connection_retries": 3,
    }

# Wrong passwords and codes are counted here: one count for all processes, also where there is no broker
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_counts"}}

# --- People ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "companies.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]  # tests log in hundreds of times
    if TESTING
    else [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "companies.login.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser, at the latest after SESSION_COOKIE_AGE
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"} if PRODUCTION else {"login_failed": "200/m/ip,50/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "AutoPay Console"
SOCIALACCOUNT_ADAPTER = "companies.login.InvitedOnly"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if oidc_server := env.text("OIDC_SERVER_URL", ""):
    INSTALLED_APPS += ["allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        # some servers (Entra ID) never say that an address is verified, because nobody but their owner gives addresses
        "VERIFIED_EMAIL": env.flag("OIDC_TRUST_EMAIL"),
        "APPS": [
            {
                "provider_id": "company",
                "name": env.text("OIDC_NAME", "Company login"),
                "client_id": env.text("OIDC_CLIENT_ID"),
                "secret": env.text("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": oidc_server},
            }
        ],
    }

# --- Language and time ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nb", _("Norwegian bokmål"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "login"]
TIME_ZONE = env.text("TIME_ZONE", "Europe/Oslo")
USE_TZ = True
FORMAT_MODULE_PATH = ["autopay_console.formats"]

# --- Static files and stored files ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
DATA_AREA = Path(env.text("AUTOPAY_DATA", str(VAR / "files")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_AREA}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION or DEMO
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not (PRODUCTION or DEMO)
WHITENOISE_MANIFEST_STRICT = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_JOB_LINES = env.number("UPLOAD_JOB_LINES", 2000)  # from so many lines on, an upload is a worker's job
BANK_FILE_LIMIT = env.number("BANK_FILE_LIMIT_MB", 500) * 1024 * 1024

# --- Security -------------------------------------------------------------------------------------------------
HTTPS = env.flag("HTTPS", default=PRODUCTION)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # wrong tries are counted for the visitor's address, not for the proxy's
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "autopay_console.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Broker and workers ---------------------------------------------------------------------------------------
WORKER_APPLICATION = "autopay_console.celery.app"  # loaded by the first task that is sent
REDIS_URL = env.text("REDIS_URL", "")  # the embedded broker's address is put here by bin/demo and the tests
BROKER_KEY_PREFIX = env.text("BROKER_KEY_PREFIX", "")

# --- Gateway --------------------------------------------------------------------------------------------------
GATEWAY_CONNECT_SECONDS = env.number("GATEWAY_CONNECT_SECONDS", 5)
GATEWAY_READ_SECONDS = env.number("GATEWAY_READ_SECONDS", 60)
SENDING_LEASE_SECONDS = env.number("SENDING_LEASE_SECONDS", 180)  # then a file being sent counts as unknown
SFTP_KEY_FILE = env.text("SFTP_KEY_FILE", str(VAR / "keys" / "sftp"))  # private key the bank knows us by

# --- API for ERP systems ------------------------------------------------------------------------------------------
API_CALLS_A_MINUTE = env.number("API_CALLS_A_MINUTE", 120)  # of one key

# --- Mail -----------------------------------------------------------------------------------------------------
EMAIL_URL = env.text("EMAIL_URL", "dummymail://" if not PRODUCTION else "consolemail://")
globals().update(env.mail(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "autopay@localhost")
PUBLIC_URL = env.text("PUBLIC_URL", "http://localhost:8000")  # for links in mails

# --- Sandbox (demo only) ----------------------------------------------------------------------------------------
SANDBOX_URL = env.text("SANDBOX_URL", "")  # shown as a link for people who may steer it
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

# --- Logs -----------------------------------------------------------------------------------------------------
LOGGING_CONFIG = None
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOG_JSON = env.flag("LOG_JSON", default=PRODUCTION)
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = 10  # what tasks do is logged by themselves
