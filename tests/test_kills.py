"""kill -9 again and again, at every stage of a crawl: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from loopback.kills import STAGES, Fatal, Loop, unreadable
from loopback.nursery import Nursery
from loopback.running import expected, rows, stored
from loopback.site import Answer
from running import khotin

pytestmark = pytest.mark.nights

KILLS = 21
SEED = int(os.environ.get("KILLS_SEED") or random.SystemRandom().randrange(10**6))


def test_a_crawl_that_is_killed_at_every_stage_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    print(f"KILLS_SEED={SEED} makes these kills again")
    with Fatal(delay=0.005) as site, Nursery() as nursery:
        site.publish(250)
        site.answers["/tin.rss"] = Answer(site.feed(site.articles[:30]), content_type="application/rss+xml")
        loop = Loop(site, tmp_path, nursery, random.Random(SEED))  # noqa: S311
        plan = loop.plan(KILLS)
        while plan:
            death = loop.die(plan[0])
            print(death)
            if death.requests:
                # The note of the dead stays in the file, its lock does not: else the next run would not begin.
                assert (loop.data / "writer.lock").read_text() == f"{death.pid}\n"
            assert (death.lost, death.twice) == ((), ())
            if death.killed:
                plan.pop(0)
            else:
                site.publish(50)  # it had come to its end before the moment came

        killed = [death for death in loop.deaths if death.killed]
        assert len(killed) == KILLS
        assert {death.stage for death in killed} == set(STAGES)
        assert any(death.torn for death in killed), "a WARC record was cut in half"
        assert list((loop.data / "warc").glob("*/*.torn*")), "the cut is kept beside"
        assert sum(death.stored > 0 for death in killed) >= 3, "the killed runs bring the crawl on"

        site.publish(30)
        assert loop.finish()["counts"]["new"] >= 30
        assert (loop.deaths[-1].lost, loop.deaths[-1].twice, loop.deaths[-1].torn) == ((), (), False)
        assert stored(loop.data) == expected(site)
        assert set(loop.known.frontier.values()) == {"kept"}
        assert unreadable(loop.data, loop.known.captures) == []
        assert rows(loop.data, "SELECT count(*) FROM revisions") == [(0,)]
        assert rows(loop.data, "SELECT completed_at IS NULL FROM walks ORDER BY run_id DESC LIMIT 1") == [(0,)]
        assert khotin("verify", "--data", loop.data).returncode == 0

        assert "new" not in loop.finish()["counts"]
        assert sorted(site.log) == ["/robots.txt", "/tin.rss", "/xay-dung-dang"]
