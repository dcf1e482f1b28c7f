"""The mailbox: accepts every letter, delivers none, shows them all. It is part of this package."""

import sys
from dataclasses import replace
from pathlib import Path

from devstack.health import says_ok
from devstack.mailbox.certificate import kept_certificate
from devstack.ports import HOST, answers
from devstack.servers.server import Server, Site
from devstack.state import Row

USER = "decode"


class Mailbox(Server):
    name = "mailbox"
    title = "The mailbox"
    fetched_how = "finding the mailbox"
    replaced_by = "DECODE_SMTP_URL"
    port_names = ("mailbox", "smtp")
    deadline = 20
    patience = 4

    def find(self) -> Path | None:
        return Path(sys.executable)

    def fetch(self) -> Path:
        return Path(sys.executable)

    def command(self, program: Path, site: Site) -> list[str]:
        ports = ("--http-port", str(site.ports["mailbox"]), "--smtp-port", str(site.ports["smtp"]))
        return [str(program), "-m", "devstack.mailbox", "--folder", str(site.data), *ports]

    def variables(self, site: Site) -> dict[str, str]:
        # In the environment: a command line can be read by every user of the machine.
        return {"MAILBOX_USER": USER, "MAILBOX_PASSWORD": site.keys["MAILBOX_PASSWORD"]}

    def settle(self, program: Path, site: Site) -> bool:
        return answers(site.ports["smtp"]) and says_ok(site.ports["mailbox"], "/faults")

    def url(self, site: Site) -> str:
        return f"http://{HOST}:{site.ports['mailbox']}"

    def settings(self, site: Site) -> dict[str, str]:
        return {
            "DECODE_SMTP_URL": self._smtp_url(site),
            "DECODE_SMTP_TLS": "starttls",
            "DECODE_SMTP_CA_FILE": str(kept_certificate(site.data).certificate),
        }

    def rows(self, site: Site) -> tuple[Row, ...]:
        (own,) = super().rows(site)
        return (replace(own, smtp_url=self._smtp_url(site)),)

    def _smtp_url(self, site: Site) -> str:
        return f"smtp://{USER}:{site.keys['MAILBOX_PASSWORD']}@{HOST}:{site.ports['smtp']}"
