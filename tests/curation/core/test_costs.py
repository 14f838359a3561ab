"""Price lists and what work comes to: by hand, refusals, and what always holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.costs import Service, Work, cost, parse_prices, read_prices
from curation.core.errors import SpecError
from curation.services.costs import usual_prices

OURS = Service("ours", per_picture=1, per_box=0.1, per_tag=0.01, seconds_per_picture=6, seconds_per_box=3,
               seconds_per_tag=1, wage_per_hour=36, people=2)  # fmt: skip


@pytest.mark.parametrize(
    "service, work, money, work_hours, wait_hours",
    [
        (OURS, Work(0, 0, 0), 0.0, 0.0, 0.0),
        # 100 + 20 + 3 of prices; 600 + 600 + 300 s of work at 0.01 a second
        (OURS, Work(100, 200, 300), 123 + 15, 1500 / 3600, 750 / 3600),
        (OURS, Work(1, 0, 0), 1.06, 6 / 3600, 6 / 3600),  # two people cannot share one picture
        (Service("classifies", per_tag=0.05), Work(2000, 0, 2000), 100.0, 0.0, 0.0),
        (Service("in-house", seconds_per_picture=5, wage_per_hour=20), Work(720, 0, 0), 20.0, 1.0, 1.0),
    ],
)
def test_what_a_service_takes(service, work, money, work_hours, wait_hours):
    line = cost(service, work)
    assert line.money == pytest.approx(money)
    assert (line.work_hours, line.wait_hours) == (pytest.approx(work_hours), pytest.approx(wait_hours))


def test_the_usual_prices_are_those_that_were_asked_for():
    listed = {service.name: service for service in usual_prices().services}
    assert usual_prices().currency == "USD"
    assert listed["high-quality service"].per_tag == 0.05
    assert listed["crowd service"].per_tag == 0.01
    assert listed["in-house"].seconds_per_picture == 5
    assert listed["in-house"].wage_per_hour > 0


def test_a_list_of_ones_own():
    found = read_prices("currency: EUR\nservices:\n- {name: ours, per_box: 0.5, people: 3}\ncpu_hour: 1\n")
    assert (found.currency, found.cpu_hour, found.services) == ("EUR", 1.0, (Service("ours", per_box=0.5, people=3),))


@pytest.mark.parametrize(
    "plain, says",
    [
        ({}, "currency is None"),
        ({"currency": "USD"}, "services must be a list of 1 to 50"),
        ({"currency": "USD", "services": []}, "services must be a list"),
        ({"currency": "", "services": [{"name": "a"}]}, "1 to 8 letters"),
        ({"currency": "USD", "services": ["a"]}, "services[0] is 'a'; it must be a mapping"),
        ({"currency": "USD", "services": [{}]}, "'name' is missing"),
        ({"currency": "USD", "services": [{"name": " "}]}, "name is empty"),
        ({"currency": "USD", "services": [{"name": "a", "per_boxes": 1}]}, "no parameter 'per_boxes'"),
        ({"currency": "USD", "services": [{"name": "a", "per_box": -1}]}, "services[0].per_box is -1"),
        ({"currency": "USD", "services": [{"name": "a", "people": 0}]}, "people is 0"),
        ({"currency": "USD", "services": [{"name": "a"}, {"name": "a"}]}, "two services 'a'"),
        ({"currency": "USD", "services": [{"name": "a"}], "cpu_hour": True}, "cpu_hour is True"),
        ({"currency": "USD", "services": [{"name": "a"}], "cpu_hour": float("nan")}, "cpu_hour is nan"),
        ({"currency": "USD", "services": [{"name": "a"}], "vat": 1}, "there is no 'vat'. Valid ones: cpu_hour,"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(plain, says):
    with pytest.raises(SpecError) as caught:
        parse_prices(plain)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a", "currency: [", "a: &a [*a]", "x: 2026-01-01"])
def test_what_is_no_price_list_is_refused(text):
    with pytest.raises(SpecError):
        read_prices(text)


amounts = st.floats(0, 1e4)


@given(st.integers(0, 10**6), amounts, amounts, st.integers(1, 100))
def test_more_people_wait_less_and_cost_the_same(pictures, per_box, seconds, people):
    work = Work(pictures, 2.0 * pictures, pictures)
    one = cost(Service("a", per_box=per_box, seconds_per_tag=seconds, wage_per_hour=9), work)
    many = cost(Service("a", per_box=per_box, seconds_per_tag=seconds, wage_per_hour=9, people=people), work)
    assert (many.money, many.work_hours) == (one.money, one.work_hours)
    assert 0 <= many.wait_hours <= one.wait_hours == one.work_hours
