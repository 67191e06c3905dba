"""The evidence of verdicts and of extracted values in Vietnamese: stored are English sentences, as data.

Each kind of text is a table of pairs (English, Vietnamese) with places in both: numbers (`{n}`, `{all}`, `{low}`),
times (`{day}`), what is not translated (`{code}`, `{url}`, `{raw}`), and parts that are looked up in the table of their
name. Of several that fit the first counts. What no pair fits stays English.
"""

from __future__ import annotations

Pairs = tuple[tuple[str, str], ...]

_HEALTH: Pairs = (
    ("a crawl of the site", "một lần thu thập trang này"),
    ("none so far", "chưa có"),
    ("answers", "máy chủ trả lời"),
    ("answers on the hosts of the card", "máy chủ trả lời ở các tên miền đã khai báo"),
    ("redirects lead to {url}", "bị chuyển hướng đến {url}"),
    ("pages that may be read", "được phép đọc các trang"),
    ("after {n} pages: {reason}", "sau {n} trang: {reason}"),
    ("of the articles {n} of {all}: {ends}", "{n} trong {all} bài viết: {ends}"),
    ("of the listings and feeds {n} of {all}: {ends}", "{n} trong {all} trang danh mục và kênh RSS: {ends}"),
    ("articles", "bài viết"),
    ("a new article within {n} days, holidays apart", "có bài mới trong vòng {n} ngày, không kể ngày nghỉ lễ"),
    ("none for {n} days, since {day}", "không có bài nào suốt {n} ngày, từ {day}"),
    ("at least {n} articles a week; {all} were usual", "ít nhất {n} bài mỗi tuần; trước đây thường có {all} bài"),
    ("{n} in the last 7 days", "{n} bài trong 7 ngày qua"),
    ("{low} to {n} articles a week", "từ {low} đến {n} bài mỗi tuần"),
    ("{n} stored this time, {week}", "lần này lưu {n} bài, {week}"),
    ("at most a quarter of the known articles missing", "vắng nhiều nhất một phần tư số bài đã biết"),
    (
        "{n} of {all} that were looked at again; none of them is taken for removed",
        "vắng {n} trong {all} bài được xem lại; không bài nào trong đó bị coi là đã gỡ",
    ),
    ("about {n}", "khoảng {n} liên kết"),
    ("about {n} links to articles", "khoảng {n} liên kết đến bài viết"),
    ("links to articles", "có liên kết đến bài viết"),
    ("{n} links in {lists}", "{n} liên kết trong {lists}"),
    ("none on the first visit of {raw}", "không có liên kết nào trong lần đầu xem {raw}"),
    ("{n} in {url}", "{n} liên kết ở {url}"),
    ("{fact} in {n}% of the articles", "{n}% số bài có {fact}"),
    ("in {n} of {all}", "có ở {n} trong {all} bài"),
    ("articles behind the links", "các liên kết dẫn đến bài viết"),
    ("{n} of {all} pages are none ({kinds})", "{n} trong {all} trang không phải bài viết ({kinds})"),
    (
        "articles that match a template of the card's families",
        "có bài khớp một mẫu trang của họ phần mềm đã khai báo",
    ),
    ("{n}% of the articles match a template", "{n}% số bài khớp mẫu trang"),
    ("{n} of {all} do", "{n} trong {all} bài khớp"),
    ("{n} of {all} do, the rest is guessed", "{n} trong {all} bài khớp, số còn lại phải đoán"),
)
_LISTS: Pairs = (
    ("1 listing or feed", "1 trang danh mục hoặc kênh RSS"),
    ("{n} listings and feeds", "{n} trang danh mục và kênh RSS"),
)
_WEEK: Pairs = (
    ("{n} in the last 7 days", "có {n} bài trong 7 ngày qua"),
    ("none counted yet", "chưa đếm tuần nào"),
)
_FACT: Pairs = (
    ("a date", "ngày đăng"),
    ("a title", "tiêu đề"),
    ("a body", "nội dung"),
    ("a byline", "tên tác giả"),
)
_KINDS: Pairs = (
    ("{n} listing", "{n} trang danh mục"),
    ("{n} home", "{n} trang chủ"),
    ("{n} gallery", "{n} trang ảnh"),
    ("{n} login", "{n} trang đăng nhập"),
    ("{n} challenge", "{n} trang kiểm tra trình duyệt"),
    ("{n} soft_404", "{n} trang báo không tìm thấy"),
    ("{n} error_page", "{n} trang báo lỗi"),
    ("{n} pdf_viewer", "{n} trang xem PDF"),
    ("{n} not_html", "{n} tệp không phải trang web"),
    ("{n} static_page", "{n} trang giới thiệu"),
    ("{n} empty", "{n} trang trống"),
    ("{n} too_large", "{n} trang quá lớn"),
    ("{n} timeout", "{n} trang xử lý quá lâu"),
    ("{n} memory", "{n} trang cần quá nhiều bộ nhớ"),
    ("{n} crash", "{n} trang làm chương trình dừng đột ngột"),
)
_OUTCOME: Pairs = (
    ("ok", "tải về được"),
    ("not found", "không tìm thấy"),
    ("sent to another host", "bị chuyển sang tên miền khác"),
    ("access denied", "bị từ chối truy cập"),
    ("asked to slow down", "máy chủ yêu cầu chậm lại"),
    ("challenge page", "trang kiểm tra trình duyệt"),
    ("disallowed by robots.txt", "robots.txt không cho phép"),
    ("host name not found", "không tìm thấy tên miền"),
    ("connection refused or lost", "kết nối bị từ chối hoặc bị ngắt"),
    ("no answer in time", "không trả lời kịp"),
    ("server error", "máy chủ báo lỗi"),
    ("could not be fetched", "không tải về được"),
)
_ENDS: Pairs = (
    ("{n} of {all}: {outcome} ({example})", "{n} trong {all}: {outcome} ({example})"),
    ("{n} of {all}: {outcome}", "{n} trong {all}: {outcome}"),
    ("{outcome} ({example})", "{outcome} ({example})"),
    ("{outcome}", "{outcome}"),
)
_EXAMPLE: Pairs = (
    ("{url}", "{url}"),
    ("HTTP {code} at {url}", "HTTP {code} tại {url}"),
    ("told with HTTP 200", "dù trả lời HTTP 200"),
    ("{url} is not on a host of this site ({raw})", "{url} không thuộc tên miền nào của trang này ({raw})"),
    ("{url} is on a private network", "{url} nằm trong mạng nội bộ"),
    ("robots.txt {robots}: keeping out of {url}", "robots.txt {robots}: không vào {url}"),
    ("{challenge}, {url}", "{challenge}, {url}"),
)
_ROBOTS: Pairs = (
    ("answered {code}", "trả lời {code}"),
    ("could not be fetched ({error})", "không tải về được ({error})"),
    ("is a page that blocks ({challenge})", "là một trang chặn ({challenge})"),
    (
        "asks for {n} s between two requests, more than {all} (to wait for so long, set KHOTIN_MAX_CRAWL_DELAY)",
        "yêu cầu các lần tải cách nhau {n} giây, hơn {all} giây (muốn chờ lâu thế thì đặt KHOTIN_MAX_CRAWL_DELAY)",
    ),
)
_REASON: Pairs = (
    ("left alone until {day}: it {reason}", "tạm dừng đến {day}: {reason}"),
    ("the last pages of the run were blocked", "những trang cuối của lần thu thập bị chặn"),
    ("asked to slow down (HTTP {code})", "máy chủ yêu cầu chậm lại (HTTP {code})"),
    ("asked to slow down (HTTP {code}, for {n})", "máy chủ yêu cầu chậm lại (HTTP {code}, trong {n} giây)"),
    ("asked to slow down (HTTP {code}, for {raw})", "máy chủ yêu cầu chậm lại (HTTP {code}, đến {raw})"),
    ("blocked: {challenge}", "bị chặn: {challenge}"),
    ("{challenge}", "{challenge}"),
)
_CHALLENGE: Pairs = (
    ("the site wants a login", "trang yêu cầu đăng nhập"),
    ("access denied (HTTP 403)", "bị từ chối truy cập (HTTP 403)"),
    ("a proxy wants a login", "máy chủ trung gian yêu cầu đăng nhập"),
    ("kept out for legal reasons (HTTP 451)", "không cho vào vì lý do pháp lý (HTTP 451)"),
    ("says that the site is under maintenance", "trang báo đang bảo trì"),
    (
        "the D1N cookie script of a Vietnamese host: blocked",
        "mã đặt cookie D1N của một nhà cung cấp máy chủ Việt Nam: bị chặn",
    ),
    ("a Cloudflare challenge", "trang kiểm tra của Cloudflare"),
    ("an Incapsula challenge", "trang kiểm tra của Incapsula"),
    ("a Sucuri challenge", "trang kiểm tra của Sucuri"),
    ("a captcha", "yêu cầu nhập captcha"),
    ("a bot check", "trang kiểm tra robot"),
    ("a DDoS guard", "lá chắn chống tấn công DDoS"),
    ("a script that sets a cookie and reloads: blocked", "mã đặt cookie rồi tải lại trang: bị chặn"),
    ("a challenge of a content delivery network", "trang kiểm tra của mạng phân phối nội dung"),
    ("access denied, told with status 200", "bị từ chối truy cập, dù trả lời HTTP 200"),
    ("a check for humans", "trang xác minh người dùng"),
    ("readers outside the country are kept out", "không cho truy cập từ nước ngoài"),
    ("answered with status {code}", "trả lời HTTP {code}"),
)

_SOURCE: Pairs = (
    ("title element", "thẻ title"),
    ("listing title", "tiêu đề ở trang danh mục"),
)
_HOW: Pairs = (
    ("set right", "căn phải"),
    ("before a label", "trước một nhãn"),
    ("labelled", "có nhãn"),
    ("bold", "in đậm"),
)
_WAY: Pairs = (
    ("greatest sum of running text", "vùng có nhiều văn bản liền mạch nhất"),
    ("lines of verse", "các dòng thơ"),
    ("nothing found", "không tìm thấy gì"),
    ("trafilatura", "dùng trafilatura"),
    ("named like a lead", "phần tử mang tên của sapo"),
    ("between headline and body", "giữa tiêu đề và nội dung"),
    ("a heading of a sentence's length", "dòng tiêu đề phụ dài bằng một câu"),
    ("bold, in a box of its own", "in đậm, trong khung riêng"),
    ("above the box of the text", "phía trên khung nội dung"),
    ("told by the head of the page, in a box of its own", "phần đầu trang có nêu, trong khung riêng"),
)
_KNOWN: Pairs = (
    ("from the address", "địa chỉ của bài"),
    ("from {rule}", "chỗ khác ({rule})"),
)
_RULE: Pairs = (
    ("none", "không có"),
    ("heading, as {source}", "dòng tiêu đề, như {source}"),
    ("heading, near {source}", "dòng tiêu đề, gần giống {source}"),
    ("line as {source}", "dòng chữ như {source}"),
    ("line as the end of {source}", "dòng chữ như phần cuối của {source}"),
    ("line set off above the text", "dòng tách riêng phía trên bài"),
    ("heading {url} above the text", "dòng tiêu đề {url} phía trên bài"),
    ("title element", "thẻ title"),
    ("listing title", "tiêu đề ở trang danh mục"),
    ("generic: {way}", "quy tắc chung: {way}"),
    ("valid utf-8", "UTF-8 hợp lệ"),
    ("utf-8, mostly valid", "UTF-8, phần lớn hợp lệ"),
    ("byte order mark", "dấu thứ tự byte (BOM)"),
    ("zero bytes", "các byte 0"),
    ("declared", "theo khai báo của trang"),
    ("syllables", "theo âm tiết tiếng Việt"),
    ("fallback", "mặc định khi không rõ"),
    ("after the title", "sau tiêu đề"),
    ("line near title ({url})", "dòng gần tiêu đề ({url})"),
    ("time[datetime] near title ({url})", "time[datetime] gần tiêu đề ({url})"),
    ("hint of a {rule}", "{rule}"),
    ("feed", "theo kênh RSS"),
    ("listing", "theo trang danh mục"),
    ("sitemap", "theo sơ đồ trang"),
    ("neighbours", "theo các bài lân cận"),
    ("address", "địa chỉ của bài"),
    ("year {known}", "năm lấy từ {known}"),
    ("broken json-ld {url}", "json-ld bị hỏng, {url}"),
    ("opens the lead", "mở đầu sapo"),
    ("opens the first paragraph", "mở đầu đoạn thứ nhất"),
    ("signs the end", "ghi ở cuối bài"),
    ("first line", "dòng đầu"),
    ("first two lines", "hai dòng đầu"),
    ("last line", "dòng cuối"),
    ("last line, {how}", "dòng cuối, {how}"),
    ("last two lines", "hai dòng cuối"),
    ("last two lines, {how}", "hai dòng cuối, {how}"),
    ("below the last sentence, {how}", "dưới câu cuối, {how}"),
    ("glued to the last sentence", "dính liền câu cuối"),
    ("beside the date", "bên cạnh ngày đăng"),
    ("element of an author class", "phần tử thuộc lớp tác giả"),
    ("line above the text", "dòng phía trên bài"),
    ("below the text, {how}", "dưới bài, {how}"),
    ("crumbs of the page", "đường dẫn chuyên mục của trang"),
    ("line of crumbs", "dòng đường dẫn chuyên mục"),
)
_PLACE: Pairs = (
    ("http", "header HTTP"),
    ("meta", "thẻ meta"),
    ("xml", "khai báo XML"),
)
_NOTE: Pairs = (
    ("no zone given: +07:00 assumed", "không ghi múi giờ: coi là +07:00"),
    ("the time shown is a placeholder for none", "giờ hiển thị chỉ là giá trị mặc định, không có giờ thật"),
    ("the only date shown says updated", "ngày duy nhất hiển thị là ngày cập nhật"),
    ("month first, as other places of the page prove", "tháng đứng trước, như những chỗ khác trên trang cho thấy"),
    (
        "the day is also told by {name} ({raw}), the minute only here",
        "ngày còn được ghi ở: {name} ({raw}); giờ phút chỉ có ở đây",
    ),
    ("another day than {day}", "khác ngày {day}"),
    ("year completed from {day}", "năm suy ra từ {day}"),
    ("no year is shown and nothing tells it", "không ghi năm và không có gì cho biết năm"),
    (
        "refused: before 1990, more than a day after the fetch, or no day of the calendar",
        "bị loại: trước năm 1990, hơn một ngày sau khi tải trang, hoặc không có trong lịch",
    ),
    (
        "the clock of the page: the time of fetching, above the title",
        "đồng hồ của trang: giờ tải trang, ở phía trên tiêu đề",
    ),
    ("the time of a change, not of publication", "giờ sửa bài, không phải giờ đăng"),
    (
        "the time of fetching: written when the page was rendered",
        "giờ tải trang: do máy chủ ghi lúc tạo trang",
    ),
    ("named source, no person", "tên nguồn tin, không phải tên người"),
    ("1 broken place", "1 chỗ hỏng"),
    ("{n} broken places", "{n} chỗ hỏng"),
    ("{place} says {url}", "{place} khai {url}"),
)

TABLES: dict[str, Pairs] = {
    "challenge": _CHALLENGE,
    "ends": _ENDS,
    "error": (),  # of a library: in its own words
    "example": _EXAMPLE,
    "fact": _FACT,
    "health": _HEALTH,
    "how": _HOW,
    "kinds": _KINDS,
    "known": _KNOWN,
    "lists": _LISTS,
    "name": _RULE,
    "note": _NOTE,
    "outcome": _OUTCOME,
    "place": _PLACE,
    "reason": _REASON,
    "robots": _ROBOTS,
    "rule": _RULE,
    "source": _SOURCE,
    "value": (("{n} paragraphs", "{n} đoạn"),),
    "way": _WAY,
    "week": _WEEK,
}
"""`health`: what was expected and what came; `rule`, `note`, `value`: of an article's value; the others: parts."""
