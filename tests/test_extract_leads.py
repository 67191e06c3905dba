"""The lead of a page no template describes, where only its place or its look tells of it; captions are none."""

import pytest
from test_extract_generic import BODY, TEXT, TITLE, article, page

LEAD = "Sau hai năm góp công, góp đất, người dân thôn Mẫu đã có con đường mới chạy qua ba cánh đồng để ra chợ huyện."
DATE = "<div class='date'>Thứ tư, 17/06/2020 | 14:00</div>"
PICTURE = "<div class='big'><img src='a.jpg'><div class='note'>Đường mới ở thôn Mẫu trong ngày hội của xã</div></div>"


@pytest.mark.parametrize(
    "lead",
    [
        f"<h3 class='heading2'>{LEAD}</h3>",
        f"<p style='font-weight:bold'>{LEAD}</p>",
        f"<div class='introduction'>{LEAD}</div>",
        f"<span class='news-teaser'>{LEAD}</span>",
        f"{PICTURE}<div class='top'><p>{LEAD}</p></div>",
    ],
)
def test_a_sentence_above_the_box_of_the_text_is_the_lead(lead: str) -> None:
    result = article(page(f"<div class='w'><h1>{TITLE}</h1>{DATE}{lead}<div class='rich'>{BODY}</div></div>"))
    assert (result.lead, list(result.paragraphs)) == (LEAD, TEXT)


def test_a_long_heading_above_the_paragraphs_is_the_lead() -> None:
    result = article(page(f"<div><h1>{TITLE}</h1>{DATE}<h4>{LEAD}</h4>{BODY}</div>"))
    assert (result.lead, list(result.paragraphs)) == (LEAD, TEXT)


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{LEAD}</p>{BODY}",
        f"<p>{LEAD}</p><div>{BODY}</div>",
        f"<p class='text'>{LEAD}</p><div>" + "".join(f"<p class='text'>{line}</p>" for line in TEXT) + "</div>",
        f"<div><p>{LEAD}</p></div>" + "".join(f"<div><p>{line}</p></div>" for line in TEXT),
        f"<div><p>{LEAD}</p><p>{TEXT[0]}</p></div><div>" + "".join(f"<p>{line}</p>" for line in TEXT[1:]) + "</div>",
        f"{LEAD}<br><br>" + "<br><br>".join(TEXT),
        f"<h4>{LEAD}</h4><p>{TEXT[0]}</p><h4>{LEAD.replace('hai', 'ba')}</h4>"
        + "".join(f"<p>{line}</p>" for line in TEXT[1:]),
    ],
)
def test_the_first_of_several_like_paragraphs_is_no_lead(body: str) -> None:
    result = article(page(f"<div class='w'><h1>{TITLE}</h1>{DATE}{body}</div>"))
    assert (result.lead, result.paragraphs[0]) == (None, LEAD)


def test_a_caption_in_a_cell_of_its_own_is_no_paragraph() -> None:
    caption = "Cô giáo cùng học trò trong giờ đọc sách."
    table = f"<table><tr><td><img src='q.jpg'></td></tr><tr><td class='caption'><p>{caption}</p></td></tr></table>"
    result = article(
        page(f"<div><h1>{TITLE}</h1>{DATE}<div><p>{TEXT[0]}</p>{table}{BODY[len(TEXT[0]) + 7 :]}</div></div>")
    )
    assert (list(result.paragraphs), result.images[0].caption) == (TEXT, caption)
