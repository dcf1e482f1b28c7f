"""The second factor: setup, verification, disabling, recovery codes."""

import asyncio

import httpx
import pyotp
import pytest

from adapters.resources import Resources
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.signed_in import Authenticator, on_device, with_second_factor

STATUS = "/auth/2fa/status"
SETUP = "/auth/2fa/setup"
ENABLE = "/auth/2fa/enable"
DISABLE = "/auth/2fa/disable"
CODES = "/auth/2fa/recovery-codes"


@pytest.fixture
async def careful(api: httpx.AsyncClient, resources: Resources) -> tuple[SignedIn, Authenticator]:
    """A user with a second factor."""
    return await with_second_factor(api, resources)


async def test_new_account_has_no_second_factor(api: httpx.AsyncClient, someone: SignedIn) -> None:
    status = data(await api.get(STATUS, headers=on_device(someone)))

    assert status == {"enabled": False, "enabled_at": None, "recovery_codes_left": 0}


async def test_setup_returns_secret_uri_and_qr_code(api: httpx.AsyncClient, someone: SignedIn) -> None:
    setup = data(await api.post(SETUP, headers=on_device(someone)))

    assert f"secret={setup['otp_secret']}" in setup["otpauth_uri"]
    assert setup["qr_svg"].startswith("<svg")


async def test_enabled_factor_returns_ten_recovery_codes_and_notifies_the_owner(
    api: httpx.AsyncClient, mailbox: Mailbox, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful

    status = data(await api.get(STATUS, headers=on_device(someone)))

    assert len(set(authenticator.recovery_codes)) == 10
    assert (status["enabled"], status["recovery_codes_left"]) == (True, 10)
    letter = await mailbox.letter(someone.person.email, "two-factor-changed")
    assert "turned on" in letter["text"]


async def test_wrong_otp_enables_nothing(api: httpx.AsyncClient, someone: SignedIn) -> None:
    secret = data(await api.post(SETUP, headers=on_device(someone)))["otp_secret"]
    wrong = pyotp.TOTP(secret).at(0)

    response = await api.post(ENABLE, json={"otp": wrong}, headers=on_device(someone))

    assert refusal(response) == (400, "WrongCode")
    assert data(await api.get(STATUS, headers=on_device(someone)))["enabled"] is False


async def test_replaced_secret_enables_nothing(api: httpx.AsyncClient, someone: SignedIn) -> None:
    old = data(await api.post(SETUP, headers=on_device(someone)))["otp_secret"]
    data(await api.post(SETUP, headers=on_device(someone)))

    response = await api.post(ENABLE, json={"otp": pyotp.TOTP(old).now()}, headers=on_device(someone))

    assert refusal(response) == (400, "WrongCode")


@pytest.mark.parametrize(("route", "body"), [(ENABLE, {"otp": "123456"}), (DISABLE, {}), (CODES, {})])
async def test_factor_that_is_not_set_up_cannot_be_changed(
    api: httpx.AsyncClient, someone: SignedIn, route: str, body: dict[str, str]
) -> None:
    response = await api.post(route, json=body, headers=on_device(someone))

    assert refusal(response) == (409, "TwoFactorNotSetUp")


async def test_enabled_factor_is_not_set_up_again(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    otp = await authenticator.next_otp()

    assert refusal(await api.post(ENABLE, json={"otp": otp}, headers=on_device(someone))) == (409, "TwoFactorEnabled")
    assert refusal(await api.post(SETUP, json={"otp": otp}, headers=on_device(someone))) == (409, "TwoFactorEnabled")


async def test_disabled_factor_is_removed_and_the_owner_notified(
    api: httpx.AsyncClient, mailbox: Mailbox, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    await mailbox.letter(someone.person.email, "two-factor-changed")

    data(await api.post(DISABLE, json={"otp": await authenticator.next_otp()}, headers=on_device(someone)))

    assert data(await api.get(STATUS, headers=on_device(someone)))["enabled"] is False
    assert data(await api.post("/auth/login", json=someone.person.credentials))["session_token"]
    letter = await mailbox.letter(someone.person.email, "two-factor-changed", number=2)
    assert "turned off" in letter["text"]


@pytest.mark.defect(18)
async def test_disabling_without_the_second_factor_is_refused(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    data(await api.post("/auth/step-up", json={"otp": await authenticator.next_otp()}, headers=on_device(someone)))

    assert refusal(await api.post(DISABLE, headers=on_device(someone))) == (403, "SecondFactorRequired")


async def test_new_recovery_codes_replace_the_old_ones(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    otp = await authenticator.next_otp()

    codes = data(await api.post(CODES, json={"otp": otp}, headers=on_device(someone)))["recovery_codes"]
    old = {"recovery_code": authenticator.recovery_codes[0]}

    assert not set(codes) & set(authenticator.recovery_codes)
    assert refusal(await api.post("/auth/step-up", json=old, headers=on_device(someone))) == (400, "WrongCode")


async def test_recovery_code_ignores_case_and_separators(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    typed = authenticator.recovery_codes[0].replace("-", " ").lower()

    data(await api.post("/auth/step-up", json={"recovery_code": typed}, headers=on_device(someone)))

    assert data(await api.get(STATUS, headers=on_device(someone)))["recovery_codes_left"] == 9


@pytest.mark.defect(22)
@pytest.mark.parametrize("kind", ["otp", "recovery_code"])
async def test_concurrent_uses_of_one_second_factor_succeed_once(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator], kind: str
) -> None:
    someone, authenticator = careful
    proof = await authenticator.next_otp() if kind == "otp" else authenticator.recovery_codes[0]

    answers = await asyncio.gather(
        *(api.post("/auth/step-up", json={kind: proof}, headers=on_device(someone)) for _ in range(8))
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 7]
