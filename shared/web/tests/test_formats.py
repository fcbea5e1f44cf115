from datetime import UTC, date, datetime

from shared.web import formats, speaking


def test_dates_are_written_as_in_vietnam() -> None:
    assert formats.fmt_date(date(2026, 11, 2)) == "02/11/2026"
    assert formats.fmt_date("2026-11-02") == "02/11/2026"
    assert formats.fmt_date("2026-11") == formats.fmt_period("2026-11") == "tháng 11/2026"
    assert formats.fmt_date(None) == formats.fmt_time(None) == formats.fmt_datetime(None) == "–"


def test_hours_are_vietnams() -> None:
    evening = datetime(2026, 11, 21, 18, 5, tzinfo=UTC)
    assert formats.fmt_datetime(evening) == "01:05 22/11/2026"
    assert formats.fmt_date(evening) == formats.fmt_date(evening.isoformat()) == "22/11/2026"


def test_a_figure_is_never_alone() -> None:
    assert formats.fmt_percent(193, 211) == "91,5% (193/211)"
    assert formats.fmt_percent(19, 19) == "100% (19/19)"
    assert formats.fmt_percent(0, 0) == "– (0/0)"


def test_a_bound_says_whether_it_is_enough_to_reach_it() -> None:
    assert formats.fmt_share(1, 2, inclusive=False) == "trên 50%"
    assert formats.fmt_share(2, 3, inclusive=True) == "từ 66,7%"


def test_numbers_are_grouped_by_points() -> None:
    assert formats.fmt_number(250_000) == "250.000"
    assert formats.fmt_number(1234.56) == "1.234,6"
    assert formats.fmt_number(1234.56, 0) == "1.235"
    assert formats.fmt_number(None) == "–"


def test_an_english_reader_gets_english_formats() -> None:
    with speaking("en"):
        assert formats.fmt_date("2026-11") == "November 2026"
        assert formats.fmt_date(date(2026, 11, 2)) == "2 Nov 2026"
        assert formats.fmt_percent(193, 211) == "91.5% (193/211)"
