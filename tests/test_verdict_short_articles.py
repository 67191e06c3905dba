"""Short articles with a headline and a date are no error pages, logins or challenges; those stay refused."""

import pytest

from pipelines.article import Article, Refusal, Verdict
from tests.test_extract_verdicts import page, read

DATE = '<div class="date">Thứ tư, 17/06/2020 | 14:00</div>'
SHORT = (
    "<p>Sáng 17/6, hơn 200 đoàn viên thanh niên xã Mẫu ra quân dọn vệ sinh, phát quang đường bản dài 4 km.</p>"
    "<p>Đây là hoạt động hưởng ứng Ngày Môi trường thế giới của tuổi trẻ toàn huyện.</p>"
)
LANGUAGE = (
    '<script>function setCookie(n, v) { document.cookie = n + "=" + v; }\n'
    'function changeLang(l) { setCookie("lang", l); window.location.reload(); }</script>'
)
CAPTCHA = '<form><textarea></textarea><div class="g-recaptcha" data-sitekey="x"></div></form>'
LOGIN = '<div class="box"><form><input name="u"><input type="password"></form></div>'
LINKS = "".join(
    f'<li><a href="/tin/{i}">Tin tức số {i} của huyện trong tuần qua</a> (10/06/2020)</li>' for i in range(25)
)
HEADLINE = "Ra quân dọn vệ sinh đường bản"


def article(title: str = HEADLINE, body: str = SHORT, *, head: str = "", more: str = "", date: str = DATE) -> str:
    shown = f'<div class="w"><h1>{title}</h1>{date}<div class="content">{body}</div>{more}</div>'
    return page(shown, f"{title} - Báo Mẫu", head)


@pytest.mark.parametrize(
    "title",
    [
        "Thông tin vỡ đập thủy điện là không có cơ sở",
        "Tin đồn tăng giá điện không có thật",
        "Nội dung tố cáo không có cơ sở",
        "Trang trại bò sữa đã được di chuyển",
        "Bài viết xúc phạm đã bị gỡ",
        "Lỗi hệ thống ATM khiến nhiều khách bị trừ tiền",
        "Không tìm thấy trang bị bảo hộ ở công trường",
    ],
)
def test_a_short_article_about_something_missing_or_broken_is_an_article(title: str) -> None:
    result = read(article(title))
    assert isinstance(result, Article), result
    assert result.title == title


def test_a_sentence_about_a_system_that_fails_is_no_error_message() -> None:
    body = SHORT + "<p>Trong thời gian này, hệ thống gặp sự cố bất khả kháng có thể kéo dài hơn.</p>"
    result = read(article(body=body))
    assert isinstance(result, Article), result


@pytest.mark.parametrize("more", [CAPTCHA, LANGUAGE])
def test_a_short_article_with_a_comment_form_or_a_choice_of_language_is_no_challenge(more: str) -> None:
    result = read(article(more=more))
    assert isinstance(result, Article), result


def test_a_short_article_of_one_sentence_beside_a_login_box_is_no_login_page() -> None:
    result = read(
        article(body="<p>Sáng 17/6, hơn 200 đoàn viên thanh niên xã Mẫu ra quân dọn vệ sinh.</p>", more=LOGIN)
    )
    assert isinstance(result, Article), result


def test_a_dated_announcement_of_one_sentence_above_a_list_of_links_is_no_listing() -> None:
    sentence = "Hội đồng thi tuyển công bố kết quả vòng 2 kỳ tuyển dụng công chức cấp xã, chi tiết xem tệp đính kèm."
    result = read(article("Công bố kết quả thi tuyển", f"<p>{sentence}</p>", more=f"<ul>{LINKS}</ul>"))
    assert isinstance(result, Article), result


@pytest.mark.parametrize(
    "title",
    ["Tuyển dụng viên chức năm 2024", "Phòng chống cháy rừng mùa khô", "Lãnh đạo huyện thăm hỏi công nhân"],
)
def test_an_undated_text_is_no_page_about_the_site_for_the_first_word_of_its_headline(title: str) -> None:
    result = read(article(title, SHORT * 2, date=""), url="https://mau.example.vn/tin-moi")
    assert isinstance(result, Article), result


CLOCK = "<div class='date'>Chủ nhật, 22/11/2026 | 08:00</div>"
REFUSED = {
    "a message below the name of the site and its clock": (
        page(
            f"<h1>Cổng thông tin điện tử huyện Mẫu</h1>{CLOCK}<p>Bài viết bạn yêu cầu không tồn tại hoặc đã bị xóa "
            "khỏi hệ thống. Xin bấm vào đây để về trang chủ.</p>",
            "Cổng thông tin điện tử huyện Mẫu",
        ),
        Verdict.SOFT_404,
    ),
    "nothing but a message": (
        page(
            f"<h1>Báo điện tử của huyện Mẫu</h1>{CLOCK}<p>Nội dung mà quý vị đang tìm kiếm hiện không có trên trang "
            "này, hoặc đường dẫn không tồn tại.</p>",
            "Báo điện tử của huyện Mẫu",
        ),
        Verdict.SOFT_404,
    ),
    "glued to the box above": (
        page("<h2>Thông báo</h2><p>Trang này đã bị gỡ.</p>", "Báo Mẫu"),
        Verdict.SOFT_404,
    ),
    "nothing there, in brackets": (
        page("<div>Bài viết này không có (404)</div>", "Báo Mẫu"),
        Verdict.SOFT_404,
    ),
    "a headline and a sentence for the reader, under a clock": (
        page(
            f"<h1>Không tìm thấy trang được yêu cầu</h1>{CLOCK}<p>Liên kết đã cũ hoặc đã đổi sang địa chỉ khác "
            "theo giao diện mới của cổng thông tin. Bạn có thể dùng ô tìm kiếm ở đầu trang để xem tin mới.</p>",
            "Không tìm thấy trang được yêu cầu - Báo Mẫu",
        ),
        Verdict.SOFT_404,
    ),
    "maintenance": (
        page(
            f"<h1>Hệ thống đang bảo trì để nâng cấp máy chủ</h1>{CLOCK}<p>Chúng tôi đang nâng cấp hệ thống để phục vụ "
            "bạn đọc tốt hơn. Vui lòng quay lại sau ít phút, xin cảm ơn quý vị độc giả.</p>",
            "Hệ thống đang bảo trì để nâng cấp máy chủ",
        ),
        Verdict.ERROR_PAGE,
    ),
    "a captcha with an explanation": (
        page(
            "<h1>Yêu cầu kiểm tra truy cập trang này</h1><p>Hệ thống phát hiện lưu lượng truy cập bất thường từ mạng "
            "của quý vị, xin đánh dấu vào ô dưới đây để tiếp tục.</p><div class='g-recaptcha'></div>",
            "Yêu cầu kiểm tra truy cập trang này - Báo Mẫu",
        ),
        Verdict.CHALLENGE,
    ),
    "a stub that sets a cookie": (
        page("<script>document.cookie='a=1';setTimeout(function(){location.reload()},9)</script><p>Đang tải</p>"),
        Verdict.CHALLENGE,
    ),
    "a login page": (
        page(f"<h1>Đăng nhập vào hệ thống quản trị</h1>{CLOCK}{LOGIN}", "Đăng nhập vào hệ thống quản trị"),
        Verdict.LOGIN,
    ),
    "jobs": (
        page(f"<h1>Tuyển dụng</h1><div>{SHORT}</div>", "Tuyển dụng"),
        Verdict.STATIC,
    ),
    "a list": (
        page(f"<h1>Công tác xây dựng Đảng</h1><ul>{LINKS}</ul>", "Công tác xây dựng Đảng"),
        Verdict.LISTING,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_looks_like_a_short_article_stays_refused(name: str) -> None:
    source, verdict = REFUSED[name]
    result = read(source, url="https://mau.example.vn/trang")
    assert isinstance(result, Refusal), result.title
    assert result.verdict is verdict
