"""What a start leaves out, and that leaving it out tells strangers nothing (T08)."""

import subprocess
import sys

import pytest

from app.kernel import signing_in


@pytest.mark.covers("T08")
def test_the_hash_checked_for_nobody_takes_as_long_as_one_of_somebody():
    own = signing_in.hash_password("mật khẩu của ai đó")
    assert own.split("$")[:4] == signing_in._NOBODY.split("$")[:4]
    assert not signing_in._HASHER.check_needs_rehash(signing_in._NOBODY)


@pytest.mark.covers("L11")
def test_a_server_starts_without_what_only_others_need():
    large = {"weasyprint", "pyhanko", "pypdf", "pypdfium2", "openpyxl", "PIL", "app.demo"}
    program = f"import sys, app.commands; sys.exit(bool({large} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
