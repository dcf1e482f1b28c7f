"""Decimal arithmetic for the tool `calculator`: a parser of our own, with bounds, and nothing that could run code.

    sum     = product (("+" | "-") product)*
    product = sign (("*" | "/" | "%") sign)*
    sign    = ("-" | "+") sign | power
    power   = atom ["^" sign]
    atom    = number | "(" sum ")"

So `-2 ^ 2` is -4 and `2 ^ 3 ^ 2` is 512. The remainder of `%` has the sign of what is divided.
"""

import re
from collections.abc import Callable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from enum import StrEnum

MAX_LENGTH = 200
MAX_DEPTH = 50
MAX_DIGITS = 34
"""Significant digits, of numbers that are typed and of every result."""
MAX_EXPONENT = 999
"""Of a power, and of ten in every result."""
MAX_PLAIN_ZEROS = 6
"""Zeros after the point, up to which a small result is written without an exponent."""

_CONTEXT = Context(
    prec=MAX_DIGITS, Emax=MAX_EXPONENT, Emin=-MAX_EXPONENT, traps=[DivisionByZero, InvalidOperation, Overflow]
)
_TOKEN = re.compile(r"\s*(?:([0-9]+\.?[0-9]*|\.[0-9]+)|([-+*/%^()]))")


class ArithmeticFault(StrEnum):
    """Why an expression has no result."""

    TOO_LONG = "ExpressionTooLong"
    TOO_DEEP = "ExpressionTooDeep"
    NOT_AN_EXPRESSION = "NotAnExpression"
    DIVISION_BY_ZERO = "DivisionByZero"
    EXPONENT = "ExponentNotSupported"
    TOO_LARGE = "NumberTooLarge"


MESSAGES = {
    ArithmeticFault.TOO_LONG: f"The expression is longer than {MAX_LENGTH} characters.",
    ArithmeticFault.TOO_DEEP: f"The expression is nested more than {MAX_DEPTH} deep.",
    ArithmeticFault.NOT_AN_EXPRESSION: "Use decimal numbers, + - * / % ^ and parentheses.",
    ArithmeticFault.DIVISION_BY_ZERO: "Nothing can be divided by zero.",
    ArithmeticFault.EXPONENT: f"An exponent is a whole number of at most {MAX_EXPONENT}.",
    ArithmeticFault.TOO_LARGE: f"A number has at most {MAX_DIGITS} digits, and ten at most {MAX_EXPONENT} as exponent.",
}


class ArithmeticFailed(Exception):
    """The expression has no result. `fault` says why."""

    def __init__(self, fault: ArithmeticFault) -> None:
        super().__init__(MESSAGES[fault])
        self.fault = fault


def calculate(expression: str) -> str:
    """Return the result, rounded to MAX_DIGITS, as a decimal number. Raises ArithmeticFailed."""
    if len(expression) > MAX_LENGTH:
        raise ArithmeticFailed(ArithmeticFault.TOO_LONG)
    return _written(_Parser(_tokens(expression)).parse())


def _tokens(expression: str) -> list[str]:
    text, tokens, position = expression.rstrip(), list[str](), 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ArithmeticFailed(ArithmeticFault.NOT_AN_EXPRESSION)
        tokens.append(match[1] or match[2])
        position = match.end()
    return tokens


class _Parser:
    """Computes while it reads, one token ahead."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, ""]
        self._position = 0
        self._depth = 0

    def parse(self) -> Decimal:
        value = self._sum()
        if self._next:
            raise ArithmeticFailed(ArithmeticFault.NOT_AN_EXPRESSION)
        return value

    @property
    def _next(self) -> str:
        return self._tokens[self._position]

    def _take(self) -> str:
        self._position += 1
        return self._tokens[self._position - 1]

    def _sum(self) -> Decimal:
        value = self._product()
        while self._next in ("+", "-"):
            operation = _CONTEXT.add if self._take() == "+" else _CONTEXT.subtract
            value = _applied(operation, value, self._product())
        return value

    def _product(self) -> Decimal:
        operations = {"*": _CONTEXT.multiply, "/": _CONTEXT.divide, "%": _CONTEXT.remainder}
        value = self._sign()
        while self._next in operations:
            operation = operations[self._take()]
            value = _applied(operation, value, self._sign())
        return value

    def _sign(self) -> Decimal:
        """Everything that is nested passes here."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ArithmeticFailed(ArithmeticFault.TOO_DEEP)
        if self._next in ("-", "+"):
            is_minus = self._take() == "-"
            value = self._sign()
            value = value.copy_negate() if is_minus else value
        else:
            value = self._power()
        self._depth -= 1
        return value

    def _power(self) -> Decimal:
        base = self._atom()
        if self._next != "^":
            return base
        self._take()
        exponent = self._sign()
        if exponent != exponent.to_integral_value() or abs(exponent) > MAX_EXPONENT:
            raise ArithmeticFailed(ArithmeticFault.EXPONENT)
        return _raised(base, exponent)

    def _atom(self) -> Decimal:
        symbol = self._take() if self._next else ""
        if symbol == "(":
            value = self._sum()
            if not self._next or self._take() != ")":
                raise ArithmeticFailed(ArithmeticFault.NOT_AN_EXPRESSION)
            return value
        if not symbol[:1].isdigit() and not symbol.startswith("."):
            raise ArithmeticFailed(ArithmeticFault.NOT_AN_EXPRESSION)
        return _number(symbol)


def _number(token: str) -> Decimal:
    number = Decimal(token)
    if len(number.as_tuple().digits) > MAX_DIGITS:
        raise ArithmeticFailed(ArithmeticFault.TOO_LARGE)
    return number


def _raised(base: Decimal, exponent: Decimal) -> Decimal:
    """What the decimal specification leaves undefined or infinite for a base of 0 is named here; 0 ^ 0 is 1."""
    if not base and exponent < 0:
        raise ArithmeticFailed(ArithmeticFault.DIVISION_BY_ZERO)
    return _applied(_CONTEXT.power, base, exponent) if base or exponent else Decimal(1)


def _applied(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        return operation(left, right)
    except DivisionByZero:
        raise ArithmeticFailed(ArithmeticFault.DIVISION_BY_ZERO) from None
    except Overflow:
        raise ArithmeticFailed(ArithmeticFault.TOO_LARGE) from None
    except InvalidOperation:
        # 0 / 0 and x % 0; or a remainder whose quotient has more digits than a number may have.
        fault = ArithmeticFault.TOO_LARGE if right else ArithmeticFault.DIVISION_BY_ZERO
        raise ArithmeticFailed(fault) from None


def _written(value: Decimal) -> str:
    """Return the number without trailing zeros: plain if it is short enough, otherwise with an exponent."""
    number = value.normalize(_CONTEXT)
    if not number:
        return "0"
    is_plain = -MAX_PLAIN_ZEROS <= number.adjusted() <= MAX_DIGITS
    return format(number, "f" if is_plain else "e").replace("e+", "e")
