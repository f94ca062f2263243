"""The text layer of PDFs that people handed in, page by page. The worker's part: never in a request."""

from __future__ import annotations

import pypdfium2

#: Pages and signs of a file that are read: a job stays short whatever is uploaded.
MOST_PAGES, MOST_SIGNS = 300, 1_000_000
LARGEST = 64 * 1024**2


def pages_of_pdf(data: bytes) -> list[str]:
    """The text of each page, as far as ``MOST_PAGES`` and ``MOST_SIGNS`` go; none where it cannot be read."""
    found, signs = [], 0
    try:
        with pypdfium2.PdfDocument(data) as document:
            for place in range(min(len(document), MOST_PAGES)):
                page = document[place].get_textpage().get_text_bounded()[:MOST_SIGNS]
                found.append(page.replace("\0", ""))
                signs += len(page)
                if signs > MOST_SIGNS:
                    break
    except pypdfium2.PdfiumError:
        return []
    return found
