"""pytest: its hooks are specified with annotations; fixtures are passed by name."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"_pytest", "pytest"}),
    named={
        ("pytest_", "parser"): ("_pytest.config.argparsing.Parser",),
        ("pytest_", "config"): ("_pytest.config.Config",),
        ("pytest_", "early_config"): ("_pytest.config.Config",),
        ("pytest_", "session"): ("_pytest.main.Session",),
        ("pytest_", "item"): ("_pytest.nodes.Item",),
        ("pytest_", "items"): ("_pytest.nodes.Item[]",),
        ("pytest_", "collector"): ("_pytest.nodes.Collector",),
        ("pytest_", "metafunc"): ("_pytest.python.Metafunc",),
        ("pytest_", "terminalreporter"): ("_pytest.terminal.TerminalReporter",),
        ("pytest_", "pluginmanager"): ("_pytest.config.PytestPluginManager",),
        ("pytest_", "request"): ("_pytest.fixtures.FixtureRequest",),
        ("pytest_", "fixturedef"): ("_pytest.fixtures.FixtureDef",),
    },
    fixtures={
        "request": ("_pytest.fixtures.FixtureRequest",),
        "pytestconfig": ("_pytest.config.Config",),
        "monkeypatch": ("_pytest.monkeypatch.MonkeyPatch",),
        "capsys": ("_pytest.capture.CaptureFixture",),
        "capfd": ("_pytest.capture.CaptureFixture",),
        "caplog": ("_pytest.logging.LogCaptureFixture",),
        "recwarn": ("_pytest.recwarn.WarningsRecorder",),
        "testdir": ("_pytest.legacypath.Testdir", "_pytest.pytester.Testdir"),
        "pytester": ("_pytest.pytester.Pytester",),
        "tmp_path_factory": ("_pytest.tmpdir.TempPathFactory",),
        "tmpdir_factory": ("_pytest.legacypath.TempdirFactory", "_pytest.tmpdir.TempdirFactory"),
    },
)
