import pytest

from config import env


@pytest.mark.parametrize("raw, value", [("", 8000), (" ", 8000), ("1", 1), (" 65535 ", 65535)])
def test_integer_reads_whole_numbers_in_range(monkeypatch, raw, value):
    monkeypatch.setenv("WINNOW_PORT", raw)
    assert env.integer("WINNOW_PORT", 8000, minimum=1, maximum=65535) == value


@pytest.mark.parametrize("raw", ["abc", "0", "65536", "1.5", "-1", "80 00"])
def test_integer_names_variable_value_and_what_is_right(monkeypatch, raw):
    monkeypatch.setenv("WINNOW_PORT", raw)
    with pytest.raises(env.BadSetting) as caught:
        env.integer("WINNOW_PORT", 8000, minimum=1, maximum=65535)
    assert str(caught.value) == (
        f"WINNOW_PORT={raw!r} cannot be used: it must be a whole number from 1 to 65535, as WINNOW_PORT=8000."
    )


@pytest.mark.parametrize("raw, value", [("", True), ("1", True), ("YES", True), ("off", False), ("0", False)])
def test_boolean_reads_yes_and_no(monkeypatch, raw, value):
    monkeypatch.setenv("X", raw)
    assert env.boolean("X", default=True) is value


def test_boolean_refuses_other_words(monkeypatch):
    monkeypatch.setenv("X", "maybe")
    with pytest.raises(env.BadSetting, match="must be one of 1, true, yes, on, 0, false, no, off"):
        env.boolean("X", default=False)


def test_choice_lists_the_options(monkeypatch):
    monkeypatch.setenv("X", "staging")
    with pytest.raises(env.BadSetting, match=r"'staging'.*local, production"):
        env.choice("X", "local", options=("local", "production"))


def test_path_is_absolute_and_refuses_a_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("X", "data")
    assert env.path("X", tmp_path) == tmp_path / "data"
    (tmp_path / "data").touch()
    with pytest.raises(env.BadSetting, match="must name a folder"):
        env.path("X", tmp_path)


def test_words_and_urls_split_at_commas(monkeypatch):
    monkeypatch.setenv("X", " a, b ,,c ")
    assert env.words("X") == ["a", "b", "c"]
    monkeypatch.setenv("X", "https://a.example, http://b.example:8000")
    assert env.urls("X", schemes=("http", "https")) == ["https://a.example", "http://b.example:8000"]
    monkeypatch.setenv("X", "https://a.example, b.example")
    with pytest.raises(env.BadSetting, match=r"'b\.example'"):
        env.urls("X", schemes=("http", "https"))


def test_a_refused_url_does_not_show_its_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://me:hunter2@host/db")
    with pytest.raises(env.BadSetting) as caught:
        env.url("DATABASE_URL", schemes=("postgres", "postgresql"))
    assert "hunter2" not in str(caught.value)
    assert "mysql://me:***@host/db" in str(caught.value)


@pytest.mark.parametrize(
    "url, expected",
    [
        ("postgresql://u:p%40ss@db.example:5433/winnow", ("winnow", "u", "p@ss", "db.example", "5433", {})),
        ("postgres://u@db/w?sslmode=require", ("w", "u", "", "db", "", {"sslmode": "require"})),
        ("postgresql://postgres@/winnow?host=/tmp/x", ("winnow", "postgres", "", "/tmp/x", "", {})),
        ("postgresql://u@/w?host=/run/pg&port=5444", ("w", "u", "", "/run/pg", "5444", {})),
    ],
)
def test_database_splits_a_url(url, expected):
    found = env.database("DATABASE_URL", url)
    assert tuple(found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == expected


@pytest.mark.parametrize("url", ["postgresql://u@host", "postgresql://u@host:port/w"])
def test_database_refuses_what_names_no_database(url):
    with pytest.raises(env.BadSetting, match="DATABASE_URL"):
        env.database("DATABASE_URL", url)


def test_storage_is_a_folder_or_a_bucket(monkeypatch, tmp_path):
    assert env.storage(tmp_path, url_ttl_s=60)["OPTIONS"] == {"location": str(tmp_path), "allow_overwrite": True}
    monkeypatch.setenv("WINNOW_S3_BUCKET", "frames")
    monkeypatch.setenv("WINNOW_S3_ENDPOINT", "http://minio:9000")
    bucket = env.storage(tmp_path, url_ttl_s=60)
    assert bucket["BACKEND"] == "storages.backends.s3.S3Storage"
    assert bucket["OPTIONS"] == {
        "endpoint_url": "http://minio:9000",
        "addressing_style": "auto",
        "bucket_name": "frames",
        "querystring_expire": 60,
        "signature_version": "s3v4",
    }


@pytest.mark.parametrize("value", ["", "short", "django-insecure-" + "x9" * 40, "a" * 60, "please-change-me" * 5])
def test_require_secret_refuses_what_can_be_guessed(value):
    with pytest.raises(env.BadSetting, match="random value"):
        env.require_secret("WINNOW_SECRET_KEY", value)


def test_programs_and_services_are_read_by_name(monkeypatch):
    assert env.programs("WINNOW_TRAINERS") == env.services("WINNOW_TRAINING_HOOKS") == {}
    monkeypatch.setenv("WINNOW_TRAINERS", '{"own": ["/opt/train", "{spec}"]}')
    monkeypatch.setenv("WINNOW_TRAINING_HOOKS", '{"farm": {"url": "https://farm.example.org", "token": "s"}}')
    assert env.programs("WINNOW_TRAINERS") == {"own": ["/opt/train", "{spec}"]}
    assert env.services("WINNOW_TRAINING_HOOKS")["farm"]["token"] == "s"


@pytest.mark.parametrize(
    "value", ["train", "[1]", '{"own": "rm -rf /"}', '{"own": []}', '{"own": [""]}', '{"own": [1]}']
)
def test_programs_refuses_what_is_no_command_line(monkeypatch, value):
    monkeypatch.setenv("WINNOW_TRAINERS", value)
    with pytest.raises(env.BadSetting, match="WINNOW_TRAINERS"):
        env.programs("WINNOW_TRAINERS")


@pytest.mark.parametrize("value", ["farm", '{"farm": "x"}', '{"farm": {}}', '{"farm": {"url": "file:///etc"}}'])
def test_services_refuses_what_is_no_address_and_shows_no_secret(monkeypatch, value):
    monkeypatch.setenv("WINNOW_TRAINING_HOOKS", value)
    with pytest.raises(env.BadSetting, match="WINNOW_TRAINING_HOOKS"):
        env.services("WINNOW_TRAINING_HOOKS")
    monkeypatch.setenv("WINNOW_TRAINING_HOOKS", '{"farm": {"token": "s3cret"')
    with pytest.raises(env.BadSetting) as caught:
        env.services("WINNOW_TRAINING_HOOKS")
    assert "s3cret" not in str(caught.value)
