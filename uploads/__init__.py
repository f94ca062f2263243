"""Bytes, not meaning: one Storage port, two stores (S3, local folder), and the checks that a file must pass.

Start at ``uploads.opening`` (a store from its address), ``uploads.port`` (what a store can do) and
``uploads.intake`` (an uploaded file, from the browser's PUT to an accepted object). Nothing here knows of
proposals, people or pages: that is ``grants.documents``. Only this package speaks to S3.

This module stays empty, because the checks start it in child processes, where every import costs time.
"""
