"""Which value applies, where it comes from, and how mistakes are told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tailrace.check.options import AllowEntry
from tailrace.config.load import anchored, load
from tailrace.config.values import Settings
from tailrace.toml.mistakes import ConfigError, Mistake

RULES = ("name-removed", "module-removed")


def write(folder: Path, text: str, name: str = "tailrace.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".git").mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(
    folder: Path, flags: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    (folder / ".git").mkdir(exist_ok=True)
    return load(flags or {}, environment=environment or {}, folder=folder, rules=lambda: RULES)


def mistakes(folder: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, environment=environment)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("flags", "environment", "file", "expected", "origin"),
    [
        ({"jobs": 1}, {"TAILRACE_JOBS": "2"}, "jobs = 3", 1, "--jobs"),
        ({}, {"TAILRACE_JOBS": "2"}, "jobs = 3", 2, "TAILRACE_JOBS"),
        ({}, {}, "jobs = 3", 3, "tailrace.toml:1"),
        ({}, {}, "", 0, "default"),
        ({}, {"TAILRACE_JOBS": " "}, "jobs = 3", 3, "tailrace.toml:1"),
        ({"jobs": 0}, {}, "jobs = 3", 0, "--jobs"),
    ],
)
def test_flag_goes_before_environment_before_file_before_default(
    tmp_path: Path, flags: dict[str, object], environment: dict[str, str], file: str, expected: int, origin: str
) -> None:
    write(tmp_path, file)
    settings = read(tmp_path, flags, environment)
    assert settings.jobs == expected
    assert settings.values["jobs"].value == expected
    assert settings.values["jobs"].origin == origin


def test_without_a_file_the_defaults_apply(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert (settings.file, settings.format, settings.time_limit, settings.allow) == (None, ("text",), 300.0, ())
    assert {value.origin for value in settings.values.values()} == {"default"}


def test_pyproject_holds_the_same_settings_in_its_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        '[project]\nname = "x"\n[tool.tailrace]\noffline = true\n[tool.tailrace.limits]\nfile-size = "1 MiB"\n',
        "pyproject.toml",
    )
    settings = read(tmp_path)
    assert settings.offline is True
    assert settings.limits_file_size == 1 << 20
    assert settings.values["limits.file-size"].origin == "pyproject.toml:6"


def test_the_nearest_file_upwards_applies_and_a_pyproject_without_our_table_is_passed_by(tmp_path: Path) -> None:
    write(tmp_path, "jobs = 7")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "a"\n')
    settings = load({}, environment={}, folder=inner, rules=lambda: RULES)
    assert settings.jobs == 7
    assert settings.values["jobs"].origin == f"{tmp_path / 'tailrace.toml'}:1"


def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, "jobs = 7")
    write(tmp_path / "repository", "", "README")
    assert read(tmp_path / "repository").jobs == 0


def test_a_named_file_is_read_instead_of_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "jobs = 7")
    (tmp_path / "other.toml").write_text("jobs = 8")
    assert load({}, environment={}, folder=tmp_path, config=Path("other.toml")).jobs == 8
    assert load({}, environment={"TAILRACE_CONFIG": "other.toml"}, folder=tmp_path).jobs == 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("job = 1\n", ["tailrace.toml:1: unknown key `job`; did you mean `jobs`?"]),
        ("\ntime_limit = 1\n", ["tailrace.toml:2: unknown key `time_limit`; did you mean `time-limit`?"]),
        ("zebra = 1\n", ["tailrace.toml:1: unknown key `zebra`; `tailrace config show` lists the valid ones"]),
        ("[limits]\nmember = 1\n", ["tailrace.toml:2: unknown key `limits.member`; did you mean `limits.members`?"]),
        ("limits = 1\n", ["tailrace.toml:1: `limits` must be a table"]),
        ("jobs = '2'\n", ['tailrace.toml:1: `jobs` must be a whole number, 0 or more, not "2"']),
        (
            "python-version = 3.1\n",
            ['tailrace.toml:1: `python-version` must be a Python version such as "3.11", in quotes, not 3.1'],
        ),
        (
            "downstreams = 'a'\n",
            ['tailrace.toml:1: `downstreams` must be a list, each a release, such as NAME==VERSION, not "a"'],
        ),
        ("jobs = \n", ["tailrace.toml:1: is not valid TOML: Invalid value"]),
        (
            "offline = 1\nfrmat = []\n[[allow]]\nrule = 'nam-removed'\nsymbol = 'a.b'\n",
            [
                "tailrace.toml:1: `offline` must be true or false, not 1",
                "tailrace.toml:2: unknown key `frmat`; did you mean `format`?",
                "tailrace.toml:3: this `allow` entry has no `reason`",
                'tailrace.toml:4: there is no rule "nam-removed"; did you mean name-removed?',
            ],
        ),
    ],
)
def test_all_mistakes_of_a_file_come_together_each_with_its_line(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    write(tmp_path, text)
    assert mistakes(tmp_path) == expected


def test_mistakes_of_file_and_environment_come_in_one_message(tmp_path: Path) -> None:
    write(tmp_path, "job = 1\n")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, environment={"TAILRACE_OFFLINE": "maybe", "TAILRACE_JOBS": "x"})
    assert caught.value.exit_status == 2
    assert caught.value.message.splitlines() == [
        "3 mistakes in the configuration",
        '  TAILRACE_JOBS: must be a whole number, 0 or more, not "x"',
        '  TAILRACE_OFFLINE: must be true or false, not "maybe"',
        "  tailrace.toml:1: unknown key `job`; did you mean `jobs`?",
    ]


def test_two_configurations_of_one_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "jobs = 1")
    write(tmp_path, "[tool.tailrace]\njobs = 2\n", "pyproject.toml")
    assert "keep one of them" in mistakes(tmp_path)[0]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"jobs = 1\nx = '\xff'\n", ":2: is not UTF-8 text"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "is not valid TOML"),
        (b"#" * (5 << 20), "is larger than 4 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path, data: bytes, says: str) -> None:
    write(tmp_path, "").write_bytes(data)
    (found,) = mistakes(tmp_path)
    assert says in found


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    write(tmp_path, "").write_bytes(b"\xef\xbb\xbfjobs = 4\n")
    assert read(tmp_path).jobs == 4


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("missing.toml", None, "cannot be read: No such file or directory"),
        ("pyproject.toml", "[project]\nname = 'x'\n", "there is no table [tool.tailrace]"),
        ("pyproject.toml", "[tool]\ntailrace = 1\n", "must be a table"),
    ],
)
def test_a_named_file_must_be_usable(tmp_path: Path, name: str, text: str | None, says: str) -> None:
    if text is not None:
        write(tmp_path, text, name)
    with pytest.raises(ConfigError, match="toml") as caught:
        load({}, environment={}, folder=tmp_path, config=Path(name))
    assert says in str(caught.value)


def test_variables_that_name_no_setting_are_noted_not_refused(tmp_path: Path) -> None:
    settings = read(tmp_path, environment={"TAILRACE_JOB": "2", "TAILRACE_DEBUG": "1", "OTHER": "1"})
    assert settings.unknown_environment == (("TAILRACE_JOB", "TAILRACE_JOBS"),)


ALLOW = '[[allow]]\nrule = "name-removed"\nsymbol = "a.*"\nreason = " known "\n'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", AllowEntry("name-removed", "a.*", "known")),
        ('downstream = "My_Lib"', AllowEntry("name-removed", "a.*", "known", downstream="my-lib")),
        ("expires = 2026-12-31", AllowEntry("name-removed", "a.*", "known", expires="2026-12-31")),
        ('expires = "2026-12-31"', AllowEntry("name-removed", "a.*", "known", expires="2026-12-31")),
    ],
)
def test_an_allow_entry_is_read(tmp_path: Path, more: str, expected: AllowEntry) -> None:
    write(tmp_path, ALLOW + more)
    assert read(tmp_path).allow == (expected,)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('expires = "2026-02-30"', "tailrace.toml:5: `allow.expires` must be a date such as 2026-12-31"),
        ('expires = "31.12.2026"', "must be a date"),
        ("expires = 2026-12-31T00:00:00Z", "must be a date"),
        ("expires = 2026", "must be a date"),
        ("downstream = 1", "`allow.downstream` must be a text, not 1"),
        ('until = "2026-12-31"', "unknown key `until` in `allow`"),
        ('expire = "2026-12-31"', "did you mean `expires`?"),
    ],
)
def test_a_wrong_allow_entry_is_refused(tmp_path: Path, more: str, says: str) -> None:
    write(tmp_path, ALLOW + more)
    (found,) = mistakes(tmp_path)
    assert says in found


@pytest.mark.parametrize("text", ["allow = 1", "allow = ['x']", "[allow]\nrule = 'x'"])
def test_allow_must_be_an_array_of_tables(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert "must be an array of tables" in mistakes(tmp_path)[0]


@pytest.mark.parametrize("reason", ['""', '"  "', "1"])
def test_a_reason_must_say_something(tmp_path: Path, reason: str) -> None:
    write(tmp_path, f'[[allow]]\nrule = "name-removed"\nsymbol = "a"\nreason = {reason}\n')
    assert "tailrace.toml:4: `allow.reason` must be a text" in mistakes(tmp_path)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".", "{base}"),
        ("./lib", "{base}/lib"),
        ("../lib", "{above}/lib"),
        ("env:./venv", "env:{base}/venv"),
        ("git+.@v1.0", "git+{base}@v1.0"),
        ("git+./lib@v1#subdirectory=x", "git+{base}/lib@v1#subdirectory=x"),
        ("there", "{base}/there"),
        ("Jinja2==2.11.3", "Jinja2==2.11.3"),
        ("conda-forge::conda=4.13.0", "conda-forge::conda=4.13.0"),
        ("git+ssh://host/repository@v1", "git+ssh://host/repository@v1"),
        ("pypi:there", "pypi:there"),
        ("absent", "absent"),
    ],
)
def test_a_relative_path_in_a_file_means_relative_to_the_file(tmp_path: Path, text: str, expected: str) -> None:
    base = tmp_path / "base"
    (base / "there").mkdir(parents=True)
    assert anchored(text, base) == expected.format(base=base, above=tmp_path)


def test_only_the_file_s_paths_are_anchored(tmp_path: Path) -> None:
    write(tmp_path, 'downstreams = ["./lib"]\ndownstreams-from = ["./requirements.txt"]\n')
    settings = read(tmp_path, environment={"TAILRACE_CACHE_DIR": "./cache"})
    assert settings.downstreams == (str(tmp_path / "lib"),)
    assert settings.downstreams_from == (str(tmp_path / "requirements.txt"),)
    assert settings.cache_dir == "./cache"


def test_a_configuration_error_survives_the_way_between_processes() -> None:
    import pickle

    error = ConfigError([Mistake("a", 1, "x"), Mistake("b", None, "y")])
    again = pickle.loads(pickle.dumps(error))
    assert (again.message, again.mistakes) == (error.message, error.mistakes)


def test_the_nearest_key_is_looked_up_for_the_first_of_many_mistakes(tmp_path: Path) -> None:
    write(tmp_path, "".join(f"job{number} = 1\n" for number in range(5_000)))
    found = mistakes(tmp_path)
    assert (len(found), sum("did you mean" in one for one in found)) == (5_000, 50)
