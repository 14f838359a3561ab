"""The web application: Django, with the dashboard mounted at /dashboard."""

import os

from django.core.wsgi import get_wsgi_application
from werkzeug.middleware.dispatcher import DispatcherMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_app = get_wsgi_application()

from frontend.app import wsgi_application as dashboard  # noqa: E402  (its pages need the apps loaded)

application = DispatcherMiddleware(django_app, {"/dashboard": dashboard()})
