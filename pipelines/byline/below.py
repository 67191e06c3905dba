"""A byline that stands below the element that holds the text: the first line after it, set apart by its looks."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.article import Evidence
from pipelines.byline.ends import ends_sentence, is_office_line
from pipelines.byline.names import has_tail_label, read_signature
from pipelines.text import clean_line, fold


def find_byline_below(
    line: str, *, before: str, right: bool, bold: bool, apart: bool, names: Sequence[str] = ()
) -> tuple[str, Evidence] | None:
    """The byline in the line that follows the text, and where it was; None where the line is no byline.

    `before` is the last line of the text. The line must be set right (`right`), or stand before the label of the
    comments ("Mẫu Văn A Xem phản hồi"), or behind one ("Tác giả: Mẫu Văn A"), or be bold below a finished
    sentence: a bare name below a text may as well be the first word of a box. A name below "BÍ THƯ" signs the
    document that the text quotes.

    `apart`: the line stands apart from the text (`stands_apart`). A name there may be the user who typed the page in:
    only a label, or a desk of the newsroom ("Ban Bạn đọc"), tells a byline.
    """
    line = clean_line(line)
    labelled = has_tail_label(line)
    if is_office_line(before) or is_office_line(line):
        return None
    site_names = {fold(clean_line(name)) for name in names if name}
    signature = read_signature(line, site_names=site_names, strict=not right)
    if signature is None or not (right or labelled or signature.labelled or (bold and ends_sentence(before))):
        return None
    if apart and signature.kind == "name" and not (labelled or signature.labelled):
        return None
    how = "set right" if right else "before a label" if labelled else "labelled" if signature.labelled else "bold"
    note = "named source, no person" if signature.kind == "source" else ""
    return signature.name, Evidence("byline", signature.name, f"below the text, {how}", line[:300], 0.85, note)
