"""Telling someone: one message when trouble begins, one when it ends, and none in between."""

from khotin.telling.channels import Channel, Message, NotTold
from khotin.telling.crawl import after_crawl, channels_for, failures_told
from khotin.telling.news import News, gather, note, send, tell_news
from khotin.telling.settings import NothingConfigured, NotifySettings, load_settings

__all__ = [
    "Channel",
    "Message",
    "News",
    "NotTold",
    "NothingConfigured",
    "NotifySettings",
    "after_crawl",
    "channels_for",
    "failures_told",
    "gather",
    "load_settings",
    "note",
    "send",
    "tell_news",
]
