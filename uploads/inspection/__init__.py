"""Looking inside a file whose author we do not trust, in a child process with limits.

``uploads.inspection.child`` is the parent's side; ``pdf``, ``archive`` and ``office`` run in the child only and
print what they found as one line of JSON. They import as little as possible: their start is part of every check.
"""
