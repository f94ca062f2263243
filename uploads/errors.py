"""What can go wrong between us, a store and the virus scanner.

StorageError
  StoreUnavailable    the store is down, slow, full or refuses our credentials: nothing is lost, try again
  Missing             there is no such object or upload
  Mismatch            the bytes or parts are not those that were promised
  BadToken            a signed address is wrong or has expired
  BadAddress          the setting that names a store or scanner makes no sense
ScannerUnavailable    the virus scanner does not answer: the file waits, check it again later
"""

from __future__ import annotations


class StorageError(Exception):
    """What all errors of stores share. ``str(error)`` is one line for the log, never for a page."""


class StoreUnavailable(StorageError):
    """The store cannot do this now: down, slow, full, or not letting us in. Trying again later may help."""


class Missing(StorageError):
    """There is no object or multipart upload of this name; it may have been swept."""


class Mismatch(StorageError):
    """What arrived is not what was promised: another size, another hash, a part that is missing."""


class BadToken(StorageError):
    """A signed address that we did not sign, that names another operation, or whose time is over."""


class BadAddress(StorageError, ValueError):
    """A setting that names a store or a scanner cannot be understood; the text says how to write it."""


class ScannerUnavailable(Exception):
    """The virus scanner is down or cannot take this file. The file is neither accepted nor refused."""
