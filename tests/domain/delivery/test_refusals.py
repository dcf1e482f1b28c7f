"""Refusals: those of an address, by enhanced code or code; all others are worth another attempt."""

import pytest

from domain.delivery.refusals import enhanced_code, is_bad_address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 No such user", "5.1.1"),
        ("5.1.10 The domain has a null MX", "5.1.10"),
        ("5.2.1", "5.2.1"),
        ("5.1.1 The account does not exist\n5.1.1 See our pages", "5.1.1"),
        ("4.2.0 Greylisted", "4.2.0"),
        ("No such user", ""),
        ("No such user here (#5.1.1)", ""),
        ("5.1.1.7 is on a list", ""),
        ("5.1", ""),
        ("", ""),
    ],
)
def test_enhanced_code_stands_before_the_text(text: str, code: str) -> None:
    assert enhanced_code(text) == code


@pytest.mark.parametrize("enhanced", ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
@pytest.mark.parametrize("to_recipient", [True, False])
def test_enhanced_code_of_the_address_refuses_it_at_every_stage(enhanced: str, to_recipient: bool) -> None:
    assert is_bad_address(550, f"{enhanced} No", to_recipient=to_recipient)


@pytest.mark.parametrize("enhanced", ["5.1.7", "5.1.8", "5.2.0", "5.2.2", "5.3.4", "5.4.5", "5.6.7", "5.7.1", "5.7.26"])
@pytest.mark.parametrize("code", [550, 552, 553, 554])
def test_any_other_enhanced_code_does_not_refuse_the_address(enhanced: str, code: int) -> None:
    assert not is_bad_address(code, f"{enhanced} No", to_recipient=True)


@pytest.mark.parametrize(
    ("code", "is_bad"),
    [(550, True), (551, True), (553, True), (556, True)]
    + [(code, False) for code in (421, 450, 452, 500, 501, 503, 521, 530, 552, 554, 555, 999, 250, -1)],
)
def test_code_alone_refuses_the_address_only_by_its_meaning(code: int, is_bad: bool) -> None:
    assert is_bad_address(code, "No", to_recipient=True) is is_bad


@pytest.mark.parametrize("code", [550, 551, 553, 554])
def test_code_alone_for_the_content_does_not_refuse_the_address(code: int) -> None:
    assert not is_bad_address(code, "No", to_recipient=False)


@pytest.mark.parametrize(("code", "text"), [(450, "5.1.1 No"), (550, "4.1.1 No"), (999, "5.1.1 No")])
def test_codes_that_contradict_each_other_do_not_refuse_the_address(code: int, text: str) -> None:
    assert not is_bad_address(code, text, to_recipient=True)
