"""Whether a command ends well hangs on the number called for too, not on findings alone."""

from datetime import date
from typing import get_args

import pytest

from registry.cli.checking.judgement import judged
from registry.cli.checking.model import Exempted, FailOn, Found, InterfaceReport, Report


@pytest.mark.parametrize("fail_on", get_args(FailOn))
def test_what_is_major_fails_even_where_no_finding_says_why(fail_on: FailOn) -> None:
    one = InterfaceReport(name="antrag", change="compared", direction="accepts", bump="major")
    report = Report(
        command="check",
        engine="2",
        reading="reserved",
        fail_on=fail_on,
        passed=False,
        bump="major",
        against="antrag 1.0.0",
        interfaces=[one],
    )
    assert judged(report).passed is (fail_on == "none")


@pytest.mark.parametrize("complete", [True, False])
def test_exceptions_for_all_that_is_listed_leave_what_is_not(complete: bool) -> None:
    finding = Found(
        rule="EFA-REQ-01", severity="breaking", place="/a", fingerprint="ab", message_de="a",
        message_en="a",
    )  # fmt: skip
    one = InterfaceReport(
        name="antrag", change="compared", direction="accepts", bump="major", findings=[finding],
        complete=complete,
    )  # fmt: skip
    report = Report(
        command="check", engine="2", reading="reserved", fail_on="major", passed=False,
        bump="major", against="antrag 1.0.0", interfaces=[one],
    )  # fmt: skip
    until = Exempted(reason="abgesprochen", owner="AKDB", expires=date(2030, 1, 1))
    assert not judged(report).passed
    assert judged(report, {"antrag/ab": until}).passed is complete
