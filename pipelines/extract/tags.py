"""What HTML elements are to a reader."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLOCK_TAGS = _names(
    """
    p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption section
    article main aside header footer nav figure figcaption blockquote pre center address fieldset
    form hr body html details summary hgroup dialog
    """
)
"""Elements that stand on lines of their own."""

SKIPPED_TAGS = _names(
    """
    script style noscript template head title meta link svg canvas button select option textarea
    input audio video object embed map iframe frame frameset applet datalist progress meter math
    """
)
"""Elements whose content is no text."""
