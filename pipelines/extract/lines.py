"""Lines that are never article text, wherever they stand: labels of buttons, boxes, forms, counters,
licences.

The rule for every entry: a line is compared whole, so that no sentence can be lost because it contains such
words. Entries were compiled from lines that extractors left in the texts of Vietnamese papers and portals.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def _labels(text: str) -> frozenset[str]:
    return frozenset(" ".join(label.split()) for label in text.split("|"))


# Labels at which an article is over when a box follows: related lists, comments, forms.
END_LABELS = _labels(
    """
    tin khác | tin bài khác | các tin khác | các tin bài khác | các tin đã đưa | các bài khác | bài viết
    khác | bài khác | tin liên quan | các tin liên quan | bài liên quan | bài viết liên quan | tin bài
    liên quan | nội dung liên quan | tin cùng chuyên mục | cùng chuyên mục | bài cùng chuyên mục | tin
    bài cùng chuyên mục | tin cùng loại | tin mới | tin mới nhất | tin mới cập nhật | tin mới hơn | tin
    cũ hơn | những tin mới hơn | những tin cũ hơn | mới nhất | các bài mới đăng | các bài đã đăng | bài
    mới đăng | bài viết mới | bài viết mới nhất | các tin tiếp theo | các tin đã đăng | xem nhiều | xem
    nhiều nhất | đọc nhiều | đọc nhiều nhất | tin đọc nhiều | tin xem nhiều | tin nổi bật | bài viết xem
    nhiều | bài viết xem | bài xem nhiều | đừng bỏ lỡ | bài đọc tiếp | đọc tiếp | có thể bạn quan tâm |
    bạn có thể quan tâm | có thể bạn chưa đọc | tin đáng chú ý | tin tức khác | tin tức liên quan |
    video khác | các video khác | ảnh khác | các album đã đăng | chủ đề liên quan | cùng chủ đề | tin
    cùng chủ đề | thông tin liên quan | tài liệu liên quan | tham khảo thêm | xem thêm tin | tin tiếp
    theo | other news | related news | related articles | latest news | read more | phản hồi | xem phản
    hồi | gửi phản hồi | ý kiến phản hồi | phản hồi của bạn đọc | bình luận | viết bình luận | bình luận
    của bạn | gửi bình luận | gửi bình luận của bạn | ý kiến bạn đọc | ý kiến của bạn | gửi ý kiến | gửi
    ý kiến của bạn | ý kiến độc giả | bình luận bạn đọc | đánh giá bài viết |
    comments | liên kết website | liên kết web | thăm dò ý kiến | thống kê truy cập | quảng cáo | tin
    ảnh | thư viện ảnh | thư viện video | cùng danh mục | cùng tác giả | có thể bạn thích | gợi ý cho bạn |
    bạn nên đọc | mời bạn đọc thêm | mời bạn xem thêm | recent posts | related posts | you may also like |
    để lại bình luận | để lại một bình luận | để lại bình luận của bạn | leave a reply | leave a comment | gửi
    nhận xét | gửi nhận xét của bạn | nhận xét của bạn | đăng nhận xét | viết nhận xét | ý kiến của bạn đọc |
    bạn đọc bình luận | bình luận facebook | bình luận bằng facebook | gửi phản hồi của bạn
    """
)

# Labels that are left out where they stand; the text goes on after them.
LABELS = _labels(
    """
    tags | tag | từ khóa | từ khoá | chủ đề | từ khóa liên quan | thẻ | nguồn | gốc | print | in | in ra
    | in bài | in bài này | in bài viết | in trang | in trang này | in tin bài | lưu tin bài | in tin bàilưu tin bài |
    lưu bài | lưu bài viết | bản in | gửi email | gửi mail | gửi mail tòa soạn | gửi bài | gửi cho bạn
    bè | gửi bạn bè | send email | email | chia sẻ | chia sẻ bài viết | chia sẻ facebook | chia sẻ zalo
    | share | chia sẻ qua facebook | chia sẻ lên facebook | chia sẻ tin này | chia sẻ trên facebook |
    copy link | sao chép liên kết | sao chép link | link gốc | theo dõi | theo dõi trên | theo dõi chúng
    tôi trên | google news | facebook | zalo | twitter | youtube | xem thêm | đọc thêm | xem tiếp | xem
    tất cả | xem chi tiết | chi tiết | xem toàn bộ | thu gọn | quay lại | trở lại | trở về | về đầu
    trang | lên đầu trang | trang chủ | đầu trang | về trang trước | quay về e-magazine | đóng cửa sổ
    này | đóng | loading | đang tải | banner | đọc báo in | đọc báo giấy | tải ứng dụng | nghe bài viết
    | nghe đọc bài | nghe audio | đọc bài | nam miền bắc | nữ miền bắc | nam miền nam | nữ miền nam |
    multimedia | multimedia đọc báo in | podcast | e-magazine | infographic | video | ảnh | album | tăng
    tương phản | giảm tương phản | cỡ chữ | cỡ chữ a+ a- | cỡ chữ: a+ a- | a+ | a- | a | a- a a+ | a a+
    | a- a+ | aa | chia sẻ: | tìm kiếm | tìm kiếm trên website chúng tôi | đăng nhập | đăng ký | họ tên
    | họ và tên | số điện thoại | điện thoại | tiêu đề | nội dung | mã xác nhận | mã bảo mật | mã bảo vệ
    | captcha | gửi | gửi đi | hủy | nhập lại | tiếng việt | english | quảng cáo | adquảng cáo |
    advertisement | ad | sponsored | online | lượt truy cập | tổng số lượt truy cập | lượt xem | đánh
    giá | thích | like | trả lời | báo cáo | click để đánh giá | hãy là người đầu tiên bình luận | chưa
    có bình luận | không có bình luận | tác giả | người đăng | ngày đăng | cập nhật | dung lượng | file
    đính kèm | tệp đính kèm | tài liệu đính kèm | các file đính kèm | tải về | download | xem file | tải
    file | xem phản hồi | chuyên mục | xem theo ngày | dòng sự kiện | sự kiện | tin ảnh | trở lại đầu
    trang | giọng nữ | giọng nam | giọng nữ miền bắc | giọng nam miền bắc | giọng nữ miền nam | giọng nam
    miền nam | giọng nữ miền trung | giọng nam miền trung | tốc độ đọc | độ tương phản | quay lại trang
    trước | trở lại trang trước | bản để in | phiên bản in | phiên bản để in | bài trước | bài sau | bài
    tiếp | bài tiếp theo | bài kế tiếp | tin trước | tin sau | trang trước | trang sau | previous | next |
    mục lục | nội dung bài viết | bình chọn | gửi đánh giá | chưa có đánh giá | rate this post | tweet |
    pinterest | linkedin | telegram | messenger | gửi tin cho bạn bè | gửi tới bạn bè | sao chép | đã sao
    chép | copy | báo lỗi | chia sẻ trên | chia sẻ qua | chia sẻ tin bài | chia sẻ lên mạng xã hội | đăng
    nhập để bình luận | về trang chủ | đọc bài gốc | phóng to | thu nhỏ | xem bản pdf | bấm để xem thêm
    """
)

# Whole lines with something that varies in them. Each pattern: lines that match / a line that must not.
_VARYING = (
    # "Theo dõi Báo Tây Ninh trên", "Theo dõi Báo Nghệ An trên Google News" / "Theo dõi trên sông,
    # tổ công tác…"
    (
        r"theo dõi (?:báo|tạp chí|trang|chúng tôi|kênh|đài|cổng|vov|vtv|ttxvn)[\w\s.đĐ-]{0,50} "
        r"(?:trên|tại)"
        r"(?: (?:google news|google|facebook|zalo|youtube|tiktok))?"
    ),
    # "(0) Bình luận", "Bình luận (0)", "12 bình luận", "Ý kiến bạn đọc (3)" / "Bình luận về kết
    # quả, đồng chí…"
    (
        r"\(?\d{0,5}\)?\s*(?:bình luận|ý kiến|phản hồi|nhận xét|ý kiến bạn đọc|"
        r"comments?)\s*\(?\d{0,5}\)?"
    ),
    # "1387 Lượt xem", "- Lượt xem: 24342", "Đã xem: 8950", "2,171 lượt xem", "Tổng số lượt truy
    # cập: 12" /
    # "Lượt xem chương trình tăng gấp đôi"
    (
        r"(?:tổng (?:số )?)?(?:số )?(?:lượt (?:xem|truy cập|đọc|tải)|đã xem|đã đọc|xem|views?|"
        r"view count|truy cập"
        r"|online|đang online|đang truy cập|thống kê|hits?|hôm nay|tháng này)\s*[:(-]\s*[\d.,\s]+\)?"
    ),
    r"[\d.,]+\s*(?:lượt (?:xem|truy cập|đọc)|views?|người xem|người đang online)",
    # Fits: "Đã xem 1021 lần"; not: "Xem 3 lần mới hiểu."
    r"(?:đã xem|đã đọc|được xem|lượt xem|xem)\s*:?\s*[\d.,]+ lần",
    # "(*) Không sao chép dưới mọi hình thức khi chưa có sự đồng ý bằng văn bản của …", "® Ghi rõ
    # nguồn …"
    r"\W*không (?:được )?sao chép (?:lại )?dưới (?:mọi|bất kỳ) hình thức.{0,160}",
    # Fits: "(*) Muốn sao chép bài của trang này, xin hỏi trước."; not: "Không sao chép máy móc mô hình của nơi khác."
    r"\(\*\)\W*(?:\w+ ){0,6}sao chép\b.{0,160}",
    (
        r"\W*(?:vui lòng |đề nghị |yêu cầu )?(?:ghi rõ|trích dẫn|dẫn) nguồn\W.{0,140}"
        r"khi (?:phát hành|sử dụng|trích dẫn|đăng|dẫn|khai thác).{0,80}"
    ),
    r"\W*(?:bản quyền (?:thuộc về|thuộc|của)|copyright|©|all rights reserved)\b.{0,140}",
    r"\W*©.{0,160}",
    # "Giấy phép số 789/GP-BTTTT, do Bộ Thông tin và Truyền thông cấp ngày 02-12-2021" / "Giấy
    # phép xây dựng …"
    r"(?:giấy phép|gp)[\w\s:()]{0,60}số\W*\d+\s*/\s*gp.{0,140}",
    r"liên hệ (?:giao dịch )?quảng cáo\b.{0,80}",
    (
        r"(?:phát triển|thiết kế|vận hành|xây dựng)(?: và (?:phát triển|vận hành|duy trì))? "
        r"bởi\s*:?.{0,50}"
    ),
    r"powered by\b.{0,50}",
    # "Họ tên:(*)", "Số điện thoại:", "Nội dung: (*)", "Mã xác nhận:   L?y l?i m? b?o m?t" / "Nội
    # dung: Đại hội…"
    (
        r"(?:họ (?:và )?tên|số điện thoại|điện thoại|email|e-mail|tiêu đề|nội dung|địa chỉ|mã "
        r"xác nhận|mã bảo mật)"
        r"\s*:?\s*(?:\(\s*\*\s*\)|\*)?\s*:?"
    ),
    r"(?:nhập )?mã (?:xác nhận|bảo mật|bảo vệ|kiểm tra)\s*:.{0,60}",
    r"(?:vui lòng |xin )?nhập mã (?:xác nhận|bảo mật).{0,60}",
    # template fields that were never filled: "{title}", "{{ publish }}", "[news_body]"
    r"\{+\s*[\w.]{1,40}\s*\}+",
    r"\[\s*[a-z]+_[a-z_]{1,30}\s*\]",
    # audio players "0:00 / 0:00", "00:00", "Your browser does not support the audio element."
    r"\d{1,2}:\d{2}\s*/\s*\d{1,2}:\d{2}",
    r"(?:your browser|trình duyệt (?:của bạn )?)(?: does not| không) (?:support|hỗ trợ).{0,80}",
    # NukeViet: "Bạn đã không sử dụng Site, Bấm vào đây để duy trì trạng thái đăng nhập. Thời gian
    # chờ: 60 giây"
    r"bạn đã không sử dụng site.{0,120}",
    r"(?:tổng số điểm|xếp hạng|click để đánh giá)\b.{0,100}",
    # names of Liferay portlets, as "menu_WAR_vienkiemsatportlet_INSTANCE_hKWBd2nFDgz3"
    r"\w+_WAR_\w+",
    # "A- A A+ | Chia sẻ bài viết lên facebook Chia sẻ bài viết lên twitter … Tăng tương phản Giảm
    # tương phản"
    r"a\s*-?\s*a\s*a?\s*\+?\s*\|?\s*chia sẻ bài viết.{0,200}",
    r"(?:chia sẻ (?:bài viết )?(?:lên|qua|trên) (?:facebook|twitter|zalo|google\+?|email)\s*)+",
    # "Trang chủ Nghiên cứu lý luận Về chủ đề…": crumbs; "Tin trong tỉnh >> Chính trị" / "A > B"
    # in a formula
    r"trang chủ\s*(?:[>»›/|]+)?\s[^.!?]{0,120}",
    r"[^.!?:,;\d]{2,40}(?:\s*(?:>>|»|›)\s*[^.!?:,;\d]{2,40}){1,4}",
    # tags in one line, as "Từ khóa: Đại hội Đảng, nhân sự" / "Từ khóa của giai đoạn này là kỷ cương."
    r"(?:từ kh[óo]a|từ khoá|tags?)\s*:.{0,300}",
    # weather and clock strips: "Hôm nay, ngày 20 tháng 2 năm 2019"
    r"hôm nay,? ngày \d{1,2} tháng \d{1,2} năm \d{4}\.?",
    # "Bài gốc", "Xem bài gốc", "Link bài gốc"
    r"(?:xem |link )?bài gốc(?: tại đây)?\s*:?(?:\s*https?://\S+)?",
    r"https?://\S+",
    r"(?:ý kiến bạn đọc\s*)?(?:gửi ý kiến\s*)?in (?:trang|bài|tin) này",
    # an edition switch in several languages under its label: "TIN MỚI NHẤTNAU N’KÔCH MHEXOR…"
    r"tin mới nhất\S.{0,60}",
    r"loading\W*|đang tải\W*",
    # a pager: "« 1 2 3 … 12 Sau »" / "1945"
    (
        r"(?:(?:first|prev|next|last|trang|trước|sau|tiếp|đầu|cuối|[«»‹›<>|]|\d{1,4}|\.{2,3}|"
        r"…)(?:\s+|$)){3,}"
    ),
    r"cỡ chữ\W*[a\W]*(?:độ tương phản)?\W*",
    # speeds of a reading voice: "0.75x", "1x"
    r"(?:[0-3][.,]\d{1,2}|[12])x",
    # Fits: "Đánh giá bài viết: ★★★★★", "5/5 - (1 bình chọn)", "0 người đã bình chọn", "Trung bình 0"
    r"(?:đánh giá(?: bài viết)?\W{0,3})?[★☆⭐]+\W*",
    r"\d(?:[.,]\d{1,2})?\s*/\s*(?:5|10)\W*\d{1,6} (?:bình chọn|đánh giá|phiếu|votes?)\W*",
    r"\d{1,6} (?:người |lượt )?(?:đã )?(?:bình chọn|đánh giá)|trung bình\W*0",
    # Fits: "Thích 0 | Chia sẻ", "Chia sẻ: Facebook Zalo"
    r"(?:thích|like)\W*\d{1,6}(?:\W*(?:chia sẻ|share)(?:\W*\d{1,6})?)?",
    (
        r"chia sẻ(?: bài viết| tin)?\W*(?:\b(?:facebook|zalo|twitter|email|google|linkedin|pinterest|telegram"
        r"|messenger|tiktok|copy link|sao chép link)\b\W*){1,8}"
    ),
    # Fits: "Số lần đọc: 34", "Thời gian đọc: 3 phút", "3 phút đọc", "Ngày xuất bản: 02/09/2024"
    r"(?:số )?(?:lần|lượt) (?:đọc|xem)\W*[\d.,]+|đọc\s*:\s*[\d.,]+",
    r"thời gian đọc\W*\d{1,3} phút|\d{1,3} phút đọc",
    r"(?:ngày (?:xuất bản|đăng)|xuất bản|đăng lúc)\s*:\s*[\d/.:\sh|,-]{6,30}",
    # Fits: "Theo dõi Fanpage của chúng tôi để cập nhật thông tin."; not: "Theo dõi Fanpage của xã, bà con góp ý."
    (
        r"(?:mời (?:quý )?(?:bạn đọc|độc giả|quý vị|bạn) )?(?:theo dõi|like|thích|đăng ký)"
        r" (?:fanpage|trang facebook|kênh youtube|kênh tiktok)\b[^.,]{0,60}"
        r"\b(?:chúng tôi|để (?:cập nhật|nhận))\b.{0,120}"
    ),
    r"bạn (?:cần|phải|vui lòng|hãy) đăng nhập để .{0,10}bình luận.{0,30}",
    r"liên hệ tác giả\s*:\s*\S+@\S+",
    r"(?:nguồn(?: tin)?|theo)\s*:?\s*https?://\S+",
    r"chịu trách nhiệm (?:nội dung|xuất bản)\s*:.{2,120}",
    # "Trang web này sử dụng cookie để …", "Đăng ký nhận bản tin", "Nhập email để nhận tin …"
    r"(?:trang web|website|trang)(?: này| của chúng tôi)? (?:có )?sử dụng cookies?\b.{0,250}",
    r"đăng ký nhận (?:bản tin|tin)(?: mới| qua email| của chúng tôi)*",
    r"nhập (?:địa chỉ )?email(?: của bạn)? để nhận .{0,120}",
    r"tiếng việt\W+(?:english|tiếng anh)",
    r"\[(?:in trang|trở về|quay lại|gửi mail|lên đầu trang)\]",
)
_PATTERNS = re.compile("|".join(_VARYING), re.IGNORECASE)
_TRIM = " \t\u00a0•·*-–—_|:>»›«‹<+#.…()[]●▪■♦►▶→↑"
_NO_LETTERS = re.compile(r"[^\w%]*|[\W\d_]{1,3}")

# "Xem thêm: <link>", ">> Tin liên quan", "Mời bạn đọc xem thêm": words that introduce a related link
RELATED_PREFIX = re.compile(
    r"^\W*(?:>>+|»|xem thêm|đọc thêm|xem tiếp|tin liên quan|bài liên quan|tham khảo|tham khảo thêm|đọc tiếp"
    r"|mời (?:quý )?(?:bạn đọc|độc giả|quý độc giả|quý vị)[^:]{0,40}|xem video|xem bài|tin bài "
    r"liên quan)\s*[:>»]*",
    re.IGNORECASE,
)


def fold_line(line: str) -> str:
    """A line as it is compared: NFC, without case, without bullets, brackets and colons around it.

    >>> fold_line("» Tin khác: ")
    'tin khác'
    """
    return unicodedata.normalize("NFC", line).strip(_TRIM).casefold()


_COMMENT_LABEL = re.compile(r"bình luận|ý kiến|phản hồi|nhận xét|thảo luận|comment|đánh giá")


def is_comment_label(line: str) -> bool:
    """Whether an end label opens what readers wrote, or a form for it."""
    return is_end_label(line) and bool(_COMMENT_LABEL.search(fold_line(line)))


def is_end_label(line: str) -> bool:
    """Whether a line is a label under which other pages' titles, comments or forms follow."""
    return _ends(fold_line(line))


def _ends(folded: str) -> bool:
    folded = folded.rstrip("?! ")
    return folded in END_LABELS or bool(_COUNTED.fullmatch(folded) or _LIST.fullmatch(folded))


# "các tin cùng chuyên mục khác", "bài viết mới hơn", "tin, bài liên quan", "những tin đã đăng"
_LIST = re.compile(
    r"(?:xem thêm )?(?:các |những )?(?:tin|bài)(?:,? (?:tức|bài|viết|đăng)){0,2}"
    r" (?:(?:khác|mới|cũ|gần đây)(?: hơn| nhất| đăng| cập nhật)?|đã đăng|đã đưa"
    r"|(?:liên quan|tương tự|đề xuất|nổi bật|nên đọc|đọc nhiều|xem nhiều)(?: khác| nhất)?"
    r"|(?:cùng|trong) (?:chuyên mục|danh mục|chủ đề|thể loại|loại|tác giả|sự kiện|lĩnh vực)(?: khác| này)?)"
)
# with a count, as in "bình luận (0)", "0 bình luận", "(12) ý kiến"
_COUNTED = re.compile(
    r"(?:\d{1,5}\W*)?(?:bình luận|ý kiến bạn đọc|phản hồi|ý kiến)(?:\W*\d{1,5})?"
    # "3 phản hồi tới “Tên bài”"
    r"|\d{1,5} (?:bình luận|phản hồi|ý kiến|nhận xét|comments?|responses?) (?:tới|cho|về|trong|to|on)"
    r" (?:[“\"'‘«].{3,200}|bài viết này)"
)


def is_boilerplate(line: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether a whole line is furniture of a page. `own`: folded lines known of the site."""
    if len(line) > 400:
        return False
    folded = fold_line(line)
    if not folded or folded in own or folded in LABELS or _ends(folded):
        return True
    if len(folded) <= 3 and not any(c.isalpha() for c in folded):
        return not any(c.isdigit() for c in line)
    if "|" in line and all(map(_is_label, re.split(r"[|•]", line))):
        return True  # "Chia sẻ | In bài viết | A- A A+"
    whole = unicodedata.normalize("NFC", line).strip()
    # the full stop stays for the patterns: what ends in one is rather a sentence
    return bool(_PATTERNS.fullmatch(whole) or _PATTERNS.fullmatch(whole.lstrip(_TRIM).rstrip(" :»>")))


def _is_label(part: str) -> bool:
    folded = fold_line(part)
    return not folded or folded in LABELS or _PATTERNS.fullmatch(folded) is not None


# What the foot of a page tells of the publisher: "Địa chỉ: 12 phố Mẫu - Điện thoại: 0200 123 456", "Tiếp dân: (024)
# 1234567; Email: …". The text of an invitation may hold such a line: it is none of the article only where a list of
# other articles stands above it.
_IMPRINT = re.compile(
    r"\W*(?:địa chỉ|trụ sở|tòa soạn)[^:]{0,40}:.{0,200}\b(?:điện thoại|đt|tel|e-?mail|fax|hotline)\b.{0,200}"
    r"|.{0,120}\(?\b0\d{1,3}\)?[\s.]?\d[\d\s.]{5,11}.{0,30}\b(?:e-?mail|fax)\b.{0,120}",
    re.IGNORECASE,
)


def is_imprint(line: str) -> bool:
    """Whether a line tells address, telephone or mail of an office, as the foot of a page does."""
    return len(line) < 500 and _IMPRINT.fullmatch(line) is not None


# Names of sections and of the publisher itself: furniture at the edges of a text, perhaps a heading
# within it.
_EDGE = re.compile(
    (
        r"(?:tin )?(?:chính trị|thời sự|xã hội|kinh tế|pháp luật|văn hóa|thế giới|đời sống|xây dựng "
        r"đảng|thông tin nội bộ"
        r"|tin tức|tin tức sự kiện|tin tức - sự kiện|tin trong tỉnh|hoạt động của đảng|xây dựng đảng - "
        r"chính quyền)"
        r"|điểm báo(?: ngày [\d/.-]{3,10})?|(?:[•\W]*nguồn\s*:\s*)?(?:báo|đài|đài phát thanh|tạp chí|"
        r"cổng thông tin điện tử"
        r"|trang thông tin điện tử|cổng thông tin|trang tin)(?: [\w-]+){1,9}|[a-z]{2,6}tv"
        r"|(?:hotline|đường dây nóng)\s*:\s*[\d\s.()+/-]{6,40}(?:\W*(?:e-?mail|zalo|fanpage)\b.{0,60})?|ban tuyên "
        r"giáo[^.!?]{0,40}\|.{0,40}"
    ),
    re.IGNORECASE,
)


def is_edge_furniture(line: str) -> bool:
    """Whether a line before the first or after the last sentence of a text only names a section or a
    publisher.
    """
    return len(line) < 90 and line.rstrip()[-1:] not in ".!?:;" and bool(_EDGE.fullmatch(fold_line(line)))


@lru_cache(maxsize=512)
def folded_set(lines: tuple[str, ...]) -> frozenset[str]:
    """Lines of a site or family as `is_boilerplate` compares them."""
    return frozenset(f for line in lines if (f := fold_line(line)))
