"""One calendar of working days, corrected by the bureau, for rules and workbench."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from fraud_pipeline.core.workdays import WorkCalendar, deadlines
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.workbench.pages.overview import age_counts
from fraud_pipeline.workbench.pages.queue import _age

PUBLIC = WorkCalendar.of("CN", ProgrammeSettings())


@pytest.mark.parametrize(
    ("start", "end", "worked"),
    [
        (date(2017, 9, 29), date(2017, 10, 9), 2),  # 30 September was worked
        (date(2017, 6, 5), date(2017, 6, 12), 5),
        (date(2017, 6, 5), date(2017, 6, 1), 0),
        (date(2017, 12, 29), date(2018, 1, 3), 2),  # across the year, New Year's Day off
    ],
)
def test_days_after_the_start_up_to_the_end(start, end, worked):
    assert PUBLIC.working_days(start, end) == worked


def test_the_bureaus_corrections_count_for_rule_and_workbench_alike():
    settings = ProgrammeSettings(
        extra_holidays=(date(2017, 6, 7),),
        extra_working_days=(date(2017, 6, 10), date(2017, 6, 11)),
    )
    start, end = date(2017, 6, 5), date(2017, 6, 12)
    calendar = WorkCalendar.of("CN", settings)
    assert (PUBLIC.working_days(start, end), calendar.working_days(start, end)) == (5, 6)
    due = deadlines("CN", [4], start, start, settings)["due_on"][0].as_py()
    assert due == date(2017, 6, 10)  # Tuesday, Thursday, Friday and the Saturday worked
    assert calendar.working_days(start, due) == 4
    row = {"lead_on": start, "submitted_on": start, "status": "open", "n": 1}
    for of, late in ((PUBLIC, False), (calendar, True)):
        leads = SimpleNamespace(calendar=of, as_of=end.isoformat())
        assert _age(row, leads, 5)[1] is late
        assert age_counts([row], leads, 5)["late"] == int(late)


def test_the_earliest_start_is_the_edge():
    for most in (0, 5, 10, 30):
        first = PUBLIC.earliest_start(date(2017, 6, 30), most)
        assert PUBLIC.working_days(first, date(2017, 6, 30)) <= most
        assert PUBLIC.working_days(first - timedelta(days=1), date(2017, 6, 30)) > most


def test_uncertain_days_make_no_deadline_pass():
    calendar = WorkCalendar.of("CN", ProgrammeSettings(workdays_known_until=date(2017, 6, 7)))
    assert calendar.working_days(date(2017, 6, 5), date(2017, 6, 30)) == 2
    assert calendar.earliest_start(date(2017, 6, 30), 1) == date(2017, 6, 6)


def test_a_country_without_a_calendar_has_no_deadline():
    due = deadlines("XX", [5], date(2017, 6, 5), date(2017, 6, 6), ProgrammeSettings())
    assert due["due_on"].to_pylist() == [None, None]
