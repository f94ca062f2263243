"""Setting the demo's PDFs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typst


def typeset(template: str, content: Mapping[str, Any]) -> bytes:
    """The PDF of a template that reads ``content`` as JSON. Its own fonts have Greek and Cyrillic."""
    compiler = typst.Compiler(template.encode(), ignore_system_fonts=True)  # one of bytes works once
    done = compiler.compile(format="pdf", sys_inputs={"content": json.dumps(content)})
    if not isinstance(done, bytes):
        raise TypeError("one document was expected")
    return done
