"""The flows that an account's owner proves by a mailed code: sign-in on a new device, reset of a forgotten password."""

import secrets

from bench.bench import Bench
from bench.figure import Figure, Limit, at_most
from bench.floors import empty_flow_cpu, one_hash
from bench.raw_http_client import RawHttpClient
from bench.timing import Request, send_all
from bench.visitors import Visitor, make_visitors
from domain.delivery.mail import MailKind
from tests.support.signed_in import new_device

AT_ONCE = 8
NEW_PASSWORD = "another long enough phrase"


async def new_device_sign_in(bench: Bench) -> list[Figure]:
    """Measure whole sign-ins on unknown devices, each by a different user."""

    def sign_in(someone: Visitor) -> Request:
        return lambda http: _sign_in(bench, http, someone)

    return await _whole(
        bench,
        [sign_in(someone) for someone in await _people(bench)],
        what="whole sign-in on a new device",
        want_ms=130,
        because="workflow tasks of the flow, one of them with its mail; after them Argon2id.",
    )


async def password_reset(bench: Bench) -> list[Figure]:
    """Measure whole resets, each by a different user."""

    def reset(someone: Visitor) -> Request:
        return lambda http: _reset(bench, http, someone)

    return await _whole(
        bench,
        [reset(someone) for someone in await _people(bench)],
        what="whole password reset",
        want_ms=150,
        because="workflow tasks: asked for, proved, judged, changed, and two mails; Argon2id is a small part.",
    )


async def _whole(bench: Bench, requests: list[Request], *, what: str, want_ms: float, because: str) -> list[Figure]:
    hashing, flow = await one_hash(bench), await empty_flow_cpu(bench, at_once=AT_ONCE)
    spent = await bench.meter.spent(len(requests), send_all(bench.url, requests, at_once=AT_ONCE))
    floor = flow + hashing.cpu_ms
    return [
        Figure(
            what=f"{what}, different people, CPU of all",
            ours=spent.total,
            unit="ms",
            limit=Limit("empty update-with-start + one Argon2id hash", floor),
            want=at_most(want_ms),
            split=spent.split,
            because=because,
        )
    ]


async def _people(bench: Bench) -> list[Visitor]:
    return await make_visitors(bench.resources, bench.rounds(80, 24))


async def _sign_in(bench: Bench, http: RawHttpClient, someone: Visitor) -> None:
    device = new_device(someone.person)
    started = await http.post("/auth/login", device, address=someone.address)
    letter = await bench.postman.code(someone.person.email, MailKind.FINGERPRINT_VERIFY)
    proof = {"flow_id": started["data"]["flow_id"], "code": letter.code}
    answer = await http.post_step("/auth/login/fingerprint/email-verification", proof, someone.address)
    assert answer["data"]["access_token"], answer


async def _reset(bench: Bench, http: RawHttpClient, someone: Visitor) -> None:
    forgotten, path = {"email_or_username": someone.person.email}, "/auth/password/forgot"
    started = await http.post(f"{path}/initiate", forgotten, address=someone.address)
    letter = await bench.postman.code(someone.person.email, MailKind.FORGOT_PASSWORD_VERIFY)
    proof = {"flow_id": started["data"]["flow_id"], "code": letter.code}
    await http.post_step(f"{path}/verify-email", proof, someone.address)
    change = {**proof, "new_password": f"{NEW_PASSWORD} {secrets.token_hex(4)}"}
    await http.post_step(f"{path}/change", change, someone.address)
