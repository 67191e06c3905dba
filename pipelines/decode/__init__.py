"""Bytes of a page to text: what it declares, what it is, and what could not be read.

Order of trust: byte order mark, zero bytes of UTF-16, valid UTF-8, mostly valid UTF-8, what the syllables of
the text say (windows-1258, TCVN3, VNI, VISCII), the declaration, windows-1252. A declaration never outweighs
bytes that are UTF-8. All is decided here, before any HTML cleaner sees the page: cleaners delete U+00AD, the
letter ư in TCVN3.
"""

from pipelines.decode.decoding import Decoded, decode

__all__ = ["Decoded", "decode"]
