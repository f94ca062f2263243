"""The funder's signature: its key, signed JSON, signed PDFs. For the worker and the command line, never the web."""
