"""The WSGI entry: ``gunicorn wsgi:app``."""

import contextlib
import os

from grants.kernel.memory import starting

with starting():
    from grants.app import create_app
    from grants.local import database
    from grants.settings import load
    from grants.web import logs

    _settings = load(os.environ)
    logs.configure(_settings.log_level)
    # Held open as long as the process lives: without DATABASE_URL it keeps the embedded server running.
    _life = contextlib.ExitStack()
    app = create_app(_life.enter_context(database.embedded(_settings)))
