"""Whether a command ends well hangs on the number called for too, not on findings alone."""

from typing import get_args

import pytest

from registry.cli.checking.judgement import judged
from registry.cli.checking.model import FailOn, InterfaceReport, Report


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
