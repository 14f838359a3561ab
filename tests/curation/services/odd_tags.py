"""Tags of every kind that JSON has, and queries that ask for them in every way."""

import json

from hypothesis import strategies as st

TEXTS = ["dark", "a", "ab", "", "50%", "a_b", "Ä", 'a"b\\c', "7", "true", "null", "\n\t", "😀", "traffic light"]
NUMBERS = [
    "0",
    "1",
    "2",
    "1.0",
    "1.50",
    "-3",
    "0.1",
    "0.30000000000000004",
    "0.1000000000000000055511151231257827",
    "9007199254740992",
    "9007199254740993",
    "1e3",
    "1e-7",
    "1e400",
    "123456789012345678901234567890",
]
SCALARS = st.sampled_from([*map(json.dumps, TEXTS), *NUMBERS, "true", "false", "null"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.dictionaries(st.sampled_from(["person", "a", "Ä", 'a"b']), inner, max_size=2).map(
            lambda parts: "{" + ", ".join(f"{json.dumps(key)}: {value}" for key, value in parts.items()) + "}"
        ),
    ),
    max_leaves=4,
)
COUNTS = st.dictionaries(st.sampled_from(["person", "traffic light"]), st.sampled_from(NUMBERS[:8]), max_size=2).map(
    lambda parts: "{" + ", ".join(f"{json.dumps(key)}: {value}" for key, value in parts.items()) + "}"
)
OF_KIND = {
    "people": st.sampled_from(NUMBERS),
    "lighting": st.sampled_from(TEXTS).map(json.dumps),
    "has_people": st.sampled_from(["true", "false"]),
    "object_counts": COUNTS,
    "objects": st.lists(st.sampled_from(TEXTS), max_size=3).map(json.dumps),
    "mixed": SCALARS,
    "12": SCALARS,
    "kind": SCALARS,
    "blur": st.sampled_from(NUMBERS),
    "floor": SCALARS,
    "listed": VALUES,
}
TAGGED = st.fixed_dictionaries({}, optional={name: st.one_of(usual, VALUES) for name, usual in OF_KIND.items()})

NAMES = [
    "id",
    "video",
    "camera",
    "recorded_at",
    "pts_s",
    "run",
    "cascade",
    "annotated",
    "label",
    "dataset",
    "held_out",
    "duplicate",
    "uniqueness",
    "typicality",
    "outlier_score",
    "count.person",
    "count.traffic\\ light",
    "count.unicorn",
    *[name for name in OF_KIND if name != "object_counts"],
]
WORDS = [
    "0",
    "1",
    "1.5",
    "2",
    "0.1",
    "0.25",
    "-3",
    '"-3"',
    "9007199254740992",
    "9007199254740993",
    "1e300",
    "2026-01",
    "2026-01-07",
    "yes",
    "no",
    "*",
    "dark",
    "a*",
    "*a",
    "?",
    "?b",
    "*%*",
    "*_*",
    '""',
    "true",
    "null",
    "gate-1",
    "video_3.mp4",
    "*o*",
    "night",
    "night@2",
    "n*",
    "people",
    '"traffic light"',
    "tr*",
    "car",
    '"7"',
    "*7*",
    "*\\\\*",
    '"a\\"b\\\\c"',
    "\\[*",
    "*\\ *",
    '"50%"',
    "Ä",
    "*😀",
]
LEAVES = st.one_of(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from([":", ":", ":>", ":>=", ":<", ":<="]), st.sampled_from(WORDS)
    ).map("".join),
    st.sampled_from(NAMES).map(lambda name: f"_exists_:{name}"),
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["[{} TO {}]", "{{{} TO {}}}", "[{} TO {}}}"]),
        st.sampled_from(WORDS),
        st.sampled_from(WORDS),
    ).map(lambda part: f"{part[0]}:{part[1].format(*part[2:])}"),
)


QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda part: f"NOT ({part})"),
        st.tuples(inner, inner, st.sampled_from(["AND", "OR"])).map(lambda p: f"({p[0]}) {p[2]} ({p[1]})"),
    ),
    max_leaves=4,
)
"""Some of them are refused, for what a field cannot be."""
