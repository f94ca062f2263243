"""Looking inside a file whose author we do not trust, in a child process with limits.

``uploads.inspection.child`` is the parent's side; ``zygote`` forks the children; ``pdf``, ``archive``, ``office`` and
``shorten`` run in them only and print what they found as one line of JSON.
"""
