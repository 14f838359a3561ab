"""Settings of the whole service, read from the environment (see docs in README). Ours are prefixed WINNOW_."""

import os
from pathlib import Path

from config import __version__, env, secret
from config.embedded import data_dir
from config.folders import make_folder
from config.layout import Layout

WINNOW_VERSION = __version__
WINNOW_ENV = env.choice("WINNOW_ENV", "local", options=("local", "production"))
PRODUCTION = WINNOW_ENV == "production"

WINNOW_DATA_DIR: Path = data_dir()
WINNOW_HOST = env.text("WINNOW_HOST", "127.0.0.1")
WINNOW_PORT = env.integer("WINNOW_PORT", 8000, minimum=1, maximum=65535)
WINNOW_WORKERS = env.integer("WINNOW_WORKERS", min(os.cpu_count() or 1, 8), minimum=1, maximum=256)
WINNOW_TRAINING_WORKERS = env.integer("WINNOW_TRAINING_WORKERS", 1, minimum=0, maximum=64)
WINNOW_WEB_PROCESSES = env.integer("WINNOW_WEB_PROCESSES", 1, minimum=1, maximum=64)
WINNOW_CHUNK_S = env.integer("WINNOW_CHUNK_S", 60, minimum=1, maximum=3600)
WINNOW_JOB_TIMEOUT_S = env.integer("WINNOW_JOB_TIMEOUT_S", 900, minimum=10, maximum=86400)
# Jobs of the apps above curation: the name on the row -> the generator that does it.
WINNOW_JOB_KINDS = {
    "predict": "evaluation.services.predicting.predict",
    "look": "evaluation.services.looking_through.look_through",
    "test": "evaluation.services.testing.test",
    "compare": "evaluation.services.comparing.compare_models",
    "discover": "evaluation.services.discovery.discover_slices",
    "round": "activelearning.services.round_job.advance",
    "loop": "activelearning.services.loop_job.go_round",
    "push": "activelearning.services.pushing.push",
    "pull": "activelearning.services.pulling.pull",
    "export_batch": "activelearning.services.batch_archives.make_archive",
    "train": "activelearning.services.training_job.train",
}
# What the reconciler calls each time it looks around; each says which jobs it started.
WINNOW_TENDERS = ["activelearning.services.polling.poll"]
WINNOW_LABEL_POLL_S = env.integer("WINNOW_LABEL_POLL_S", 60, minimum=5, maximum=86_400)
# Who answers batches whose truth is known already: the name -> a callable of the batch.
WINNOW_TRUTHS: dict[str, str] = {"demo": "demo.truth_annotator.answers"}
# Kinds of jobs that have workers of their own, since one takes as long as it takes: kind -> queue.
WINNOW_JOB_QUEUES = {"train": "training"}
# Programs and services that may train besides ultralytics: docs/training.md.
WINNOW_TRAINERS = env.programs("WINNOW_TRAINERS")
WINNOW_TRAINING_HOOKS = env.services("WINNOW_TRAINING_HOOKS")
WINNOW_LEASE_S = env.integer("WINNOW_LEASE_S", 60, minimum=5, maximum=3600)
WINNOW_RETRY_S = env.integer("WINNOW_RETRY_S", 5, minimum=0, maximum=3600)
WINNOW_SIGNED_URL_TTL_S = env.integer("WINNOW_SIGNED_URL_TTL_S", 3600, minimum=10, maximum=604800)
WINNOW_LABEL_URL_TTL_S = env.integer("WINNOW_LABEL_URL_TTL_S", 30 * 86_400, minimum=600, maximum=366 * 86_400)
WINNOW_ALLOW_PRIVATE_URLS: bool = env.boolean("WINNOW_ALLOW_PRIVATE_URLS", default=not PRODUCTION)
WINNOW_UPLOAD_PART_BYTES = env.integer("WINNOW_UPLOAD_PART_BYTES", 8 << 20, minimum=1 << 16, maximum=256 << 20)
WINNOW_UPLOAD_MAX_BYTES = env.integer("WINNOW_UPLOAD_MAX_BYTES", 64 << 30, minimum=1 << 20, maximum=1 << 50)
WINNOW_UPLOAD_OPEN_BYTES = env.integer("WINNOW_UPLOAD_OPEN_BYTES", 256 << 30, minimum=1 << 20, maximum=1 << 52)
WINNOW_UPLOAD_OPEN_COUNT = env.integer("WINNOW_UPLOAD_OPEN_COUNT", 100, minimum=1, maximum=100_000)
WINNOW_UPLOAD_SPARE_BYTES = env.integer("WINNOW_UPLOAD_SPARE_BYTES", 512 << 20, minimum=0, maximum=1 << 50)
WINNOW_UPLOAD_TTL_S = env.integer("WINNOW_UPLOAD_TTL_S", 86_400, minimum=60, maximum=2_592_000)
_layout = Layout(WINNOW_DATA_DIR)

# Security -------------------------------------------------------------------------------------------------------------
SECRET_KEY = env.text("WINNOW_SECRET_KEY")
if PRODUCTION:
    env.require_secret("WINNOW_SECRET_KEY", SECRET_KEY)
elif not SECRET_KEY:
    make_folder(WINNOW_DATA_DIR)
    SECRET_KEY = secret.read_or_create(_layout.secret_dir / "secret_key")
DEBUG = env.boolean("WINNOW_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise env.BadSetting("WINNOW_DEBUG", "true", "debug pages show settings to visitors; leave it out in production")

ALLOWED_HOSTS = env.words("WINNOW_ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]"))
if not ALLOWED_HOSTS:
    raise env.BadSetting("WINNOW_ALLOWED_HOSTS", "", "production needs the host names it serves, as winnow.example.org")
CSRF_TRUSTED_ORIGINS = env.urls("WINNOW_TRUSTED_ORIGINS", schemes=("http", "https"))
if env.boolean("WINNOW_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    AXES_IPWARE_PROXY_COUNT = 1
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Not Django's names: cookies are shared by every port of a host, and Label Studio on localhost uses those.
SESSION_COOKIE_NAME = "winnow_session"
CSRF_COOKIE_NAME = "winnow_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/dashboard/"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# Application ----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "demo",
    "frontend",
    "activelearning",
    "evaluation",
    "curation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_rq",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Data -----------------------------------------------------------------------------------------------------------------
DATABASE_URL = env.url("DATABASE_URL", schemes=("postgres", "postgresql"), default=_layout.database_url())
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix"), default=_layout.redis_url())
DATABASES = {
    "default": {**env.database("DATABASE_URL", DATABASE_URL), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
}
RQ_QUEUES = {
    name: {
        "URL": REDIS_URL,
        "DEFAULT_TIMEOUT": timeout_s,
        "DEFAULT_RESULT_TTL": 3600,
        "SERIALIZER": "rq.serializers.JSONSerializer",  # pickle in Redis is code execution
    }
    for name, timeout_s in (("cascade", WINNOW_JOB_TIMEOUT_S), ("training", -1))  # -1: as long as it takes
}
STORAGES = {
    "default": env.storage(_layout.media_dir, url_ttl_s=WINNOW_SIGNED_URL_TTL_S),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = str(_layout.media_dir)
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served from the packages themselves: nothing to collect before a start
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700  # footage is private
DATA_UPLOAD_MAX_MEMORY_SIZE = WINNOW_UPLOAD_PART_BYTES + (1 << 20)

# API ------------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Winnow",
    "DESCRIPTION": "Raw camera footage in, tagged and searchable frames out.",
    "VERSION": __version__,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": {
        "WorkStateEnum": "curation.models.Run.Status",  # a job's states are the same words
        "UploadStateEnum": "curation.models.Upload.State",
        "VideoStatusEnum": "curation.models.Video.Status",
        "HoldoutUsePurposeEnum": "curation.models.HoldoutUse.Purpose",
        "UploadPurposeEnum": "curation.models.Upload.Purpose",
        "ExportPurposeEnum": "curation.models.DataExport.Purpose",
        "RunVerdictEnum": "evaluation.models.TestRun.Verdict",
        "ScenarioVerdictEnum": "evaluation.models.ScenarioResult.Verdict",
        "ChangeVerdictEnum": "evaluation.api.comparison_fields.CHANGES",
        "LabelReviewStateEnum": "evaluation.models.LabelReview.State",
        "RoundStateEnum": "activelearning.models.Round.State",
        "SeedKindEnum": "activelearning.models.Seed.Kind",
        "LabelTaskStateEnum": "activelearning.models.LabelTask.State",
        "LabelBatchStateEnum": "activelearning.models.LabelBatch.State",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("WINNOW_LOG_LEVEL", "INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "rq.worker": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
