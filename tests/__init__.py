"""The tests. Nothing that collecting them makes is garbage, and looking for it takes a third of the time: the
collector rests until they start (``pytest_collection_finish``)."""

import gc

gc.disable()
