"""The Datasette plugin: search, pages, links, headers. Runs unchanged on Datasette 0.65 and 1.0."""

from __future__ import annotations

import logging
import sqlite3
import warnings
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import ExitStack
from typing import Any

from datasette.utils.asgi import Request
from datasette.views.base import DatasetteError
from markupsafe import Markup
from pluggy import HookimplMarker

from khotin.serve import csvs, language, views
from khotin.serve.app import DATABASE
from khotin.serve.doors import refuse
from khotin.serve.labels import LabelExtension, metadata_for
from khotin.serve.leaving import until_left
from khotin.serve.limits import limit_connection, refusal
from khotin.serve.overview import views as overview
from khotin.serve.page import layout, static
from khotin.serve.searching.views import ROUTES as SEARCH
from khotin.serve.security import NONCE_KEY, NonceExtension, new_nonce, with_headers
from khotin.serve.sharing.views import ROUTES as SHARING
from khotin.serve.snapshot import SnapshotDatabase
from khotin.serve.wrong import Wrong
from pipelines.search import fts_query

hookimpl = HookimplMarker("datasette")  # as datasette.hookimpl, which has no types
log = logging.getLogger("khotin.serve")
_READING = ("datasette.filters", "datasette.facets")
"""Modules of Datasette that take what stands in an address as it comes: `_through={`; in 1.0 `_facet=nope`."""
App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


@hookimpl(trylast=True)
def prepare_connection(conn: Any, database: str) -> None:
    """Vietnamese search in `?_search=` and in SQL, and limits on what a query may use.

    Last of all plugins: Datasette registers its own `escape_fts`, and the last one registered wins.
    """
    conn.create_function("escape_fts", 1, _fts_query, deterministic=True)
    if database == DATABASE:  # not Datasette's own notes in memory, which it writes to and nobody may ask
        limit_connection(conn)


def _fts_query(text: object) -> str:
    return fts_query(text if isinstance(text, str) else "")


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Nonces for the script tags of all templates, Datasette's own too, and names of columns for a person."""
    env.add_extension(NonceExtension)
    env.add_extension(LabelExtension)


@hookimpl
def extra_template_vars(
    datasette: Any, request: Any, template: str | None, database: str | None, table: str | None
) -> dict[str, Any]:
    """The nonce of this response, what our layout needs, and descriptions in the reader's language."""
    return {
        "csp_nonce": request.scope.get(NONCE_KEY, "") if request else "",
        **layout(datasette, request),
        **metadata_for(template, database, table, language.words(request).language),
    }


@hookimpl
def extra_css_urls() -> list[str]:
    """Our few lines for Datasette's own pages."""
    return [static("datasette.css")]


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """The way home from Datasette's own pages."""
    return [{"href": datasette.urls.instance(), "label": "khotin"}]


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """Our pages; asked before Datasette's own."""
    return [
        (r"^/$", views.home),
        (r"^/-/language/(?P<language>vi|en)$", language.switch),
        (r"^/a/(?P<key>[A-Za-z0-9_-]{1,80})$", views.article),
        (r"^/a/(?P<key>[A-Za-z0-9_-]{1,80})\.json$", views.article_json),
        (r"^/a/(?P<key>[A-Za-z0-9_-]{1,80})\.(?P<form>txt|bib|ris|csl\.json)$", views.citation),
        (r"^/a/.*$", views.no_article),
        (rf"^/{DATABASE}(?:/[^/]+|/-/query)?\.csv$", csvs.table),
        *overview.ROUTES,
        *SHARING,
        *SEARCH,
    ]


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    """In the table of articles the title leads to the page where it can be read."""
    if database != DATABASE or table != "articles" or column != "title" or not isinstance(value, str):
        return None
    try:
        key = row["key"]
    except (KeyError, IndexError):  # ?_col=title: the key is not among the columns asked for
        return None
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/a/{key}"), value)


@hookimpl
def forbidden(datasette: Any, request: Any, message: str) -> Any:
    """Our own page for what readers may not do; Datasette's is HTML for programs too."""
    return lambda: views.forbidden(datasette, request, message)


@hookimpl(wrapper=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Generator[None, list[Any], list[Any]]:
    """Our own page for whatever went wrong.

    Datasette prints each one, a wrong address too, with all local variables, and shows a fault's text to the
    reader. Here a wrong request is not logged, and a fault is logged once and not shown.
    """
    yield
    status = getattr(exception, "status", 500)
    if status >= 500 and isinstance(exception, DatasetteError):
        status = 400  # "Cannot sort table by x": the request is wrong, not the server
    if isinstance(exception, (MemoryError, sqlite3.DatabaseError)):
        status = refusal(exception) or status
    told = _wrong(exception) if status >= 500 else None
    status = told.status if told else status
    if isinstance(exception, Wrong) and status >= 500:  # known, and what to do is said: no fault of the program
        log.error("%s: %s", request.path, exception)
    elif status >= 500:
        log.error("%s failed", request.path, exc_info=exception)

    async def respond() -> Any:
        return await views.wrong_request(datasette, request, told or exception, status)

    return [respond]


def _wrong(error: Exception) -> Wrong | None:
    """What is wrong with the request where Datasette stumbles over a value of a reader's; None for a fault."""
    if isinstance(error, OverflowError) and "SQLite" in str(error):  # "int too large to convert to SQLite INTEGER"
        return Wrong(key="wrong_large_number")
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if isinstance(error, sqlite3.ProgrammingError):
        # site__in=[{}]: "Error binding parameter"; a closed connection would be ours
        return None if "closed" in str(error) else Wrong(key="wrong_value", what=str(error)[:200])
    if isinstance(error, sqlite3.Error) and code != sqlite3.SQLITE_ERROR:  # the disk, the file: no reader's doing
        return None
    walked = error.__traceback__
    while walked is not None and walked.tb_frame.f_globals.get("__name__") not in _READING:
        walked = walked.tb_next
    return Wrong(key="wrong_value", what=f"{type(error).__name__}: {error}"[:200]) if walked else None


@hookimpl
def startup() -> None:
    """A wrong facet among several leaves the others unasked: no line in the log for each such request."""
    warnings.filterwarnings("ignore", r"coroutine '.*[Ff]acet.*' was never awaited", RuntimeWarning)


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """Lets a request in or not, pins it to one snapshot and adds the safety headers to its response."""

    def wrap(app: App) -> App:
        async def wrapped(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            nonce = new_nonce()
            refused = refuse(scope, datasette.khotin_doors)
            if refused is not None:
                await refused(scope, receive, with_headers(send, nonce))
                return
            with ExitStack() as stack:
                for database in datasette.databases.values():
                    if isinstance(database, SnapshotDatabase):
                        stack.enter_context(database.pinned())
                spoken = language.headers(Request(scope, receive))
                known, safely = {**scope, NONCE_KEY: nonce}, with_headers(send, nonce, spoken)
                if scope["method"] in ("GET", "HEAD"):
                    await until_left(lambda sent: app(known, receive, sent), receive, safely)
                else:
                    await app(known, receive, safely)

        return wrapped

    return wrap
