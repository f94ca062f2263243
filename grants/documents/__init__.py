"""What a file means here: its owner, kind and verdict. The bytes are the business of ``uploads``."""
