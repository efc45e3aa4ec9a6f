"""Settings. What differs between sites comes from the environment: see pro_platform/env.py."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE

from pro_platform import env
from pro_platform.schedules import BEAT_SCHEDULES

BASE_DIR = Path(__file__).resolve().parent.parent
_env = env.read()

PRO_ENV: str = _env["PRO_ENV"]
IS_PRODUCTION = PRO_ENV == "production"
DEBUG = False
DEVTOOLS: bool = _env["DEVTOOLS"]
SECRET_KEY: str = _env["SECRET_KEY"]
SECRET_KEY_FALLBACKS: list[str] = _env["SECRET_KEY_FALLBACKS"]
FIELD_ENCRYPTION_KEYS: list[str] = _env["FIELD_ENCRYPTION_KEYS"]
HASH_PEPPERS: list[str] = _env["HASH_PEPPERS"]
ALLOWED_HOSTS: list[str] = _env["ALLOWED_HOSTS"]
PUBLIC_URL: str = _env["PUBLIC_URL"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"

INSTALLED_APPS = [
    # First, because their templates stand over those of the Django admin and of allauth.
    "core",
    "merchants",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_celery_beat",
    "csp",
    "anymail",
    "django_linear_migrations",
    "orders",
    "messaging",
    "payments",
    "giftcards",
    "editing",
    "metrics",
    "portal",
    "connectors",
    *(["devtools"] if DEVTOOLS else []),
]

MIDDLEWARE = [
    "core.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "merchants.middleware.MerchantAddressMiddleware",
    "merchants.api_middleware.ApiKeyMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pro_platform.unavailable.UnavailableMiddleware",
]

ROOT_URLCONF = "pro_platform.urls"
MERCHANT_URLCONF = "pro_platform.urls_merchant"
WSGI_APPLICATION = "pro_platform.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

_pool = {"min_size": 1, "max_size": _env["DATABASE_POOL_SIZE"], "timeout": 10}
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "core.db",
        **env.database_settings(_env["DATABASE_URL"]),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "options": "-c lock_timeout=5000 -c statement_timeout=30000"},
        "TEST": {"NAME": _env["TEST_DATABASE_NAME"] or None},
    }
}
if PRO_ENV != "test":  # the pool outlives test databases that are dropped
    DATABASES["default"]["OPTIONS"]["pool"] = _pool
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL: str = _env["REDIS_URL"]
if PRO_ENV == "test":  # each test process has a database of its own
    REDIS_URL = env.redis_database(REDIS_URL, os.environ.get("PYTEST_XDIST_WORKER", "gw0"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pro",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

AUTH_USER_MODEL = "merchants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if PRO_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "merchants.sign_in.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "PRO Platform"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
LANGUAGES = [("en", "English")]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static" if IS_PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

_self: list[str] = ["'self'"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [*_self, NONCE],
        "style-src": _self,
        "img-src": [*_self, "data:", "https:"],
        "font-src": _self,
        "connect-src": _self,
        "form-action": _self,
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

_https = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = IS_PRODUCTION and _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "pro_staff"
SESSION_COOKIE_AGE = 60 * 60 * 12
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8_388_608  # a thousand orders of twenty lines are 5 to 6 MB
UPLOAD_MAX_BYTES = _env["UPLOAD_MAX_MB"] * 1_000_000
FILE_UPLOAD_HANDLERS = [
    "core.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.KeyRateThrottle"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ProblemSchema",
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
API_MAX_BODY_BYTES = 1_048_576
API_MAX_BATCH_BYTES = DATA_UPLOAD_MAX_MEMORY_SIZE  # of addresses that end in /batch
API_REQUESTS_PER_MINUTE = 6000 if DEVTOOLS else 600
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "PRO Platform API",
    "VERSION": "1",
    "DESCRIPTION": "Orders, products and customers in; windows, edits and numbers out.",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SORT_OPERATIONS": False,  # in the order of the URL tables
    "POSTPROCESSING_HOOKS": [],  # choices stand where they are used, without made-up names
    "SCHEMA_PATH_PREFIX": "/api/v1",
}
HTTP_ALLOWED_PRIVATE_HOSTS: list[str] = []

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
# The visibility time-out exceeds the time limit: Redis hands unacknowledged tasks out again after it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 420,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 30,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_on_timeout": False,
    "max_retries": 0,  # of whoever sends: the shopper does not wait for the broker. Workers go on trying.
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "pro_platform.beat:GuardedScheduler"
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULES
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

STRIPE_API_KEY: str = _env["STRIPE_API_KEY"]
STRIPE_API_BASE: str = _env["STRIPE_API_BASE"]
# How long an edit waits for the shopper to satisfy the bank.
AUTHENTICATION_MINUTES = 30

EMAIL_URL: str = _env["EMAIL_URL"]
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if not EMAIL_URL:
    EMAIL_BACKEND = "core.mail.UnsentBackend" if IS_PRODUCTION else "messaging.mail_backend.OutboxBackend"
if PRO_ENV == "test":
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL: str = _env["DEFAULT_FROM_EMAIL"]
for _name, _setting in env.email_settings(EMAIL_URL).items():
    globals()[_name] = _setting

OPERATOR_EMAILS: list[str] = _env["OPERATOR_EMAILS"]
ALERT_AFTER_SECONDS: int = _env["ALERT_AFTER_SECONDS"]
SLOW_QUERY_MS: int = _env["SLOW_QUERY_MS"]
METRICS_TOKEN: str = _env["METRICS_TOKEN"]

# How many days what is kept: core/retention.py
RETENTION_EVENT_DAYS: int = _env["RETENTION_EVENT_DAYS"]
RETENTION_DEAD_EVENT_DAYS: int = _env["RETENTION_DEAD_EVENT_DAYS"]
RETENTION_WEBHOOK_BODY_DAYS: int = _env["RETENTION_WEBHOOK_BODY_DAYS"]
RETENTION_WEBHOOK_DAYS: int = _env["RETENTION_WEBHOOK_DAYS"]
RETENTION_LINK_DAYS: int = _env["RETENTION_LINK_DAYS"]
RETENTION_IMPORT_DAYS: int = _env["RETENTION_IMPORT_DAYS"]

LOG_FORMAT: str = _env["LOG_FORMAT"]
LOG_LEVEL: str = _env["LOG_LEVEL"]
LOGGING_CONFIG = "core.logs.configure"
LOGGING: dict[str, Any] = {"format": LOG_FORMAT, "level": LOG_LEVEL}
