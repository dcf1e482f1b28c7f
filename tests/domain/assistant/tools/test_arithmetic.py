from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.tools.arithmetic import MAX_DEPTH, MAX_LENGTH, ArithmeticFailed, ArithmeticFault, calculate


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1+2*3", "7"),
        ("(1 + 2) * 3", "9"),
        ("0.1+0.2", "0.3"),
        ("10-4-3", "3"),
        ("100/10/5", "2"),
        ("-2^2", "-4"),
        ("2^3^2", "512"),
        ("2^-1", "0.5"),
        ("2*-3", "-6"),
        ("7%3", "1"),
        ("-7%3", "-1"),
        ("0^0", "1"),
        (".5+5.", "5.5"),
        ("1/3", "0." + "3" * 34),
        ("10^999", "1e999"),
        ("1/10^9", "1e-9"),
        ("0*-1", "0"),
        (" 1 +\n2 ", "3"),
    ],
)
def test_expression_has_its_decimal_result(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("", ArithmeticFault.NOT_AN_EXPRESSION),
        ("()", ArithmeticFault.NOT_AN_EXPRESSION),
        ("(1", ArithmeticFault.NOT_AN_EXPRESSION),
        ("1)", ArithmeticFault.NOT_AN_EXPRESSION),
        ("1 2", ArithmeticFault.NOT_AN_EXPRESSION),
        ("1..2", ArithmeticFault.NOT_AN_EXPRESSION),
        ("1e5", ArithmeticFault.NOT_AN_EXPRESSION),
        ("__import__('os')", ArithmeticFault.NOT_AN_EXPRESSION),
        ("\uff11+1", ArithmeticFault.NOT_AN_EXPRESSION),
        ("1/0", ArithmeticFault.DIVISION_BY_ZERO),
        ("0/0", ArithmeticFault.DIVISION_BY_ZERO),
        ("5%0", ArithmeticFault.DIVISION_BY_ZERO),
        ("0^-1", ArithmeticFault.DIVISION_BY_ZERO),
        ("2^0.5", ArithmeticFault.EXPONENT),
        ("2^1000", ArithmeticFault.EXPONENT),
        ("10^999*10", ArithmeticFault.TOO_LARGE),
        ("10^40%3", ArithmeticFault.TOO_LARGE),
        ("1" * 35, ArithmeticFault.TOO_LARGE),
    ],
)
def test_expression_without_a_result_is_refused_by_name(expression: str, fault: ArithmeticFault) -> None:
    with pytest.raises(ArithmeticFailed) as refused:
        calculate(expression)

    assert refused.value.fault is fault


@pytest.mark.parametrize("nested", ["(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH, "-" * MAX_DEPTH + "1"])
def test_expression_that_is_nested_too_deeply_is_refused(nested: str) -> None:
    with pytest.raises(ArithmeticFailed) as refused:
        calculate(nested)

    assert refused.value.fault is ArithmeticFault.TOO_DEEP


def test_long_expression_is_refused_before_it_is_read() -> None:
    with pytest.raises(ArithmeticFailed) as refused:
        calculate(" " * MAX_LENGTH + "1")

    assert refused.value.fault is ArithmeticFault.TOO_LONG


@given(st.text(alphabet="0123456789.+-*/%^() e", max_size=MAX_LENGTH))
def test_any_text_has_a_short_result_or_a_named_fault(text: str) -> None:
    try:
        result = calculate(text)
    except ArithmeticFailed:
        return
    assert len(result) < 50
    assert Decimal(result).is_finite()


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_whole_numbers_are_exact(left: int, right: int) -> None:
    with localcontext() as context:
        context.prec = 60
        assert Decimal(calculate(f"({left})*({right})+({left})-({right})")) == left * right + left - right
