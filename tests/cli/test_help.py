"""What `--help` says: every command and option in German and in English, and nothing left over."""

import click
import pytest

from registry.cli.help import commands, german, german_of, options, speak
from registry.cli.main import efa
from tests.cli.typed import Efa

speak(efa, "en")
PATHS = [path for path, _ in commands(efa)]
PARSER = ("Usage", "Options:", "Commands", "Show ", "[OPTIONS]", "COMMAND", "default:", "required]")


@pytest.mark.parametrize("path", PATHS)
def test_every_command_and_option_has_a_text_in_both_languages(path: str) -> None:
    speak(efa, "en")
    command = dict(commands(efa))[path]
    told = [(command.help, german_of(path))]
    told += [(option.help, german_of(path, option)) for option in options(command)]
    assert all(english and here for english, here in told), told
    assert not [both for both in told if both[0] == both[1] and both[0] != "read, reuse, publish:…"]


def test_no_text_is_left_over() -> None:
    known = {option.opts[0] for _, command in commands(efa) for option in options(command)}
    known |= {f"{path} {one.opts[0]}" for path, each in commands(efa) for one in options(each)}
    assert german()["commands"].keys() == set(PATHS)
    assert german()["options"].keys() <= known


@pytest.mark.parametrize("path", PATHS)
def test_help_is_in_the_language_asked_for(typed: Efa, path: str) -> None:
    words = path.split()[1:]
    shown = typed("--lang", "de", *words, "--help")
    assert shown.code == 0
    assert shown.out.startswith(f"Aufruf: {path} [OPTIONEN]")
    assert not [word for word in PARSER if word in shown.out]
    by_locale = typed(*words, "--help", env={"LC_ALL": "de_DE.UTF-8"})
    assert by_locale.out == shown.out
    english = typed(*words, "--help").out
    assert english.startswith(f"Usage: {path} [OPTIONS]")
    assert "Show this message and exit." in english
    assert typed("--lang", "en", *words, "--help", env={"LANG": "de_DE"}).out == english


def test_what_is_to_be_filled_in_is_called_the_same_in_help_and_mistakes(typed: Efa) -> None:
    assert "Aufruf: efa diff [OPTIONEN] ALT NEU" in typed("--lang", "de", "diff", "--help").out
    assert typed("--lang", "de", "diff", "a.json").err.startswith("efa: es fehlt: NEU\n")
    assert typed("diff", "a.json").err.startswith("efa: NEW is missing\n")
    required = typed("token", "create", "--help", "--lang", "de").out
    assert "[nötig]" in required


@pytest.mark.parametrize(
    ("arguments", "german_words", "english_words"),
    [
        (("diff", "--all=1", "a"), "die Option --all nimmt keinen", "the option --all takes no"),
        (
            ("rebuild",),
            "nennen Sie entweder DATEI oder --proj",
            "give either FILE or --projections",
        ),
        (
            ("serve", "--port", "x"),
            "--port: hier steht eine ganze Zahl",
            "--port: an integer within",
        ),
    ],
)
def test_what_the_parser_refuses_is_said_in_both_languages(
    typed: Efa, arguments: tuple[str, ...], german_words: str, english_words: str
) -> None:
    for language, words in (("de", german_words), ("en", english_words)):
        ran = typed("--lang", language, *arguments)
        assert (ran.code, words in ran.err) == (2, True), ran.err


def test_the_language_before_the_command_counts_for_what_it_says(typed: Efa) -> None:
    assert "Eine Angabe wurde Pflicht" in typed("--lang", "de", "explain", "EFA-REQ-01").out
    assert "became required" in typed("--lang", "de", "explain", "EFA-REQ-01", "--lang", "en").out


def test_a_group_without_a_command_shows_what_there_is(typed: Efa) -> None:
    ran = typed("--lang", "de", "log")
    assert (ran.code, "\\u000a" in ran.err, ran.err.startswith("Aufruf: efa log ")) == (
        2,
        False,
        True,
    )
    assert isinstance(dict(commands(efa))["efa log"], click.Group)
