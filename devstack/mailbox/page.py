"""The HTML pages: a table of letters, newest first, and one letter. No script and no external resources."""

from html import escape

from devstack.mailbox.letters import Letter

MAX_LISTED = 200
STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;"
    "color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #767676}"
    "a{color:#0b57a4}a:focus-visible{outline:3px solid #0b57a4;outline-offset:2px}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem}"
    "iframe{width:100%;height:30rem;border:1px solid #767676}"
)


def list_page(letters: list[Letter]) -> str:
    """Return the page of the newest letters, each with a link."""
    newest = letters[: -MAX_LISTED - 1 : -1]
    rows = "".join(_row(letter) for letter in newest)
    table = (
        '<table><caption>Newest first</caption><thead><tr><th scope="col">Subject</th>'
        '<th scope="col">To</th><th scope="col">Kind</th><th scope="col">Received (UTC)</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    count = f"<p>{len(newest)} of {len(letters)} letters.</p>"
    return _page("Mailbox", count + (table if newest else "<p>Nothing has arrived yet.</p>"))


def letter_page(letter: Letter) -> str:
    """Return the page of one letter: headers, text, and its HTML in a sandboxed frame without scripts or loads."""
    contents = letter.contents()
    headers = "".join(
        f"<dt><strong>{label}</strong></dt><dd>{escape(str(contents[key]))}</dd>"
        for label, key in (("From", "from"), ("To", "to"), ("Subject", "subject"))
    )
    frame = (
        '<h2>HTML</h2><iframe title="HTML part of the letter" sandbox '
        f'srcdoc="{escape(str(contents["html"]))}"></iframe>'
        if contents["html"]
        else ""
    )
    body = (
        f'<p><a href="/">All letters</a></p><dl>{headers}</dl>'
        f"<h2>Text</h2><pre>{escape(str(contents['text']))}</pre>{frame}"
        f"<h2>Source</h2><pre>{escape(str(contents['raw']))}</pre>"
    )
    return _page(letter.subject or "Letter without a subject", body)


def _row(letter: Letter) -> str:
    title = escape(letter.subject or "(no subject)")
    return (
        f'<tr><td><a href="/read/{letter.id}">{title}</a></td><td>{escape(", ".join(letter.recipients))}</td>'
        f"<td>{escape(letter.kind)}</td><td>{letter.at:%Y-%m-%d %H:%M:%S}</td></tr>"
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
