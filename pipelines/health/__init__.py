"""How a site is doing: a verdict a run, with what was expected and what came."""

from pipelines.health.holidays import is_holiday, ordinary_days
from pipelines.health.judging import judge
from pipelines.health.model import (
    TROUBLES,
    Answers,
    Expectation,
    Facts,
    Health,
    HealthVerdict,
    Line,
    Outcome,
    Past,
    Seen,
)
from pipelines.health.record import SiteHealth, latest, look_back, look_up, record

__all__ = [
    "TROUBLES",
    "Answers",
    "Expectation",
    "Facts",
    "Health",
    "HealthVerdict",
    "Line",
    "Outcome",
    "Past",
    "Seen",
    "SiteHealth",
    "is_holiday",
    "judge",
    "latest",
    "look_back",
    "look_up",
    "ordinary_days",
    "record",
]
