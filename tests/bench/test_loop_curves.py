"""How labels are counted: the fewest that turned a scenario green, and what was not reached."""

from bench._loop_curves import Line, Picked, needed, picks_table, plot, table
from bench._loop_exam import Mark


def line(strategy, seed, labels, verdict, *, worth=1):
    recall = {"pass": 0.95, "inconclusive": 0.8, "fail": 0.3}[verdict]
    return Line(seed, strategy, labels, worth, Mark(recall, recall - 0.1, 1.0, verdict, 0.8, 0.9), 10.0)


LINES = [
    line("default", 0, 20, "fail", worth=10), line("default", 0, 40, "pass", worth=20), line("default", 1, 20, "pass"),
    line("random", 0, 20, "fail"), line("random", 0, 40, "inconclusive"), line("random", 0, 80, "fail"),
    line("random", 1, 20, "fail"), line("random", 1, 40, "fail"), line("random", 1, 80, "pass"),
    line("late", 0, 20, "fail"),
]  # fmt: skip


def test_fewest_labels_that_turned_it_green_by_seed():
    found = needed(LINES, most=80)
    assert found["default"] == {0: 40, 1: 20}
    assert found["random"] == {0: None, 1: 80}


def test_what_is_not_decided_yet_is_left_out():
    assert needed(LINES, most=80)["late"] == {}


def test_table_compares_medians_with_chance_and_counts_what_was_not_reached_as_twice_the_most():
    rows = table(LINES, most=80).splitlines()
    assert rows[2] == "| default | 40, 20 | 30 | 0.25 | 35% |"
    assert rows[3].startswith("| random | > 80, 80 | > 80 | 1.00 |")
    assert rows[4].startswith("| late | – | – | – |")


def test_curves_are_drawn_into_a_small_file(tmp_path):
    plot(LINES, tmp_path / "curves.svg")
    assert 1_000 < (tmp_path / "curves.svg").stat().st_size < 200_000


def test_picks_are_averaged_over_seeds_and_compared_with_chance():
    picks = [Picked(0, "default", 40, 20), Picked(1, "default", 40, 10)]
    picks += [Picked(0, "random", 40, 4), Picked(1, "random", 40, 2)]
    assert picks_table(picks).splitlines() == [
        "| strategy | of 40 |",
        "|---|---|",
        "| default | 15.0 (10 to 20), 5.0 x |",
        "| random | 3.0 (2 to 4) |",
    ]
    assert picks_table(picks[:2]).splitlines()[2] == "| default | 15.0 (10 to 20) |"
