"""The table of behaviours of servers, and what the link check is to find of each."""

from typing import NamedTuple

from tests.curation.links.webs import Behaviour, Talk

HTML = "Content-Type: text/html; charset=utf-8"
PORT = "{port}"  # put in for the port of the server


class Case(NamedTuple):
    """A behaviour: how the server answers, what is found, and where that leads."""

    behave: Behaviour
    outcome: str  # a WebLink.Outcome
    status: int | None = None
    moved_to: str = ""
    host: str = "site.example"


def page(title: str = "A page", heading: str = "", *, charset: str = "utf-8") -> Behaviour:
    text = f"<!doctype html><TITLE lang=x>{title}</title><h1 class=a>{heading}</h1><p>Text"
    head = f"Content-Type: text/html; charset={charset}"
    return lambda talk: talk.answer("200 OK", head, body=text.encode(charset))


def status(line: str, *lines: str) -> Behaviour:
    return lambda talk: talk.answer(line, *lines)


def leads(to: str, line: str = "301 Moved Permanently") -> Behaviour:
    def behave(talk: Talk) -> None:
        talk.answer(line, f"Location: {to.replace(PORT, str(talk.web.port))}")

    return behave


def raw(*said: str | bytes) -> Behaviour:
    def behave(talk: Talk) -> None:
        for one in said:
            talk.say(one)

    return behave


def for_ever(head: str, piece: str | bytes) -> Behaviour:
    """Say a head, and then the same without end."""

    def behave(talk: Talk) -> None:
        talk.say(head)
        while not talk.web.ended.is_set():
            talk.say(piece)

    return behave


def drip(text: str) -> Behaviour:
    return lambda talk: talk.drip(text)


def wait(talk: Talk) -> None:
    talk.web.ended.wait()


def say_and_wait(text: str) -> Behaviour:
    def behave(talk: Talk) -> None:
        talk.say(text)
        wait(talk)

    return behave


OK = f"HTTP/1.1 200 OK\r\n{HTML}\r\n"
CHUNKED = f"{OK}Transfer-Encoding: chunked\r\n\r\n"
# Paths that others lead to.
AIDS: dict[str, Behaviour] = {
    "/": page("Welcome"),
    "/en/": page("Welcome"),
    "/good": page(),
    "/chain-2": leads("/chain-3"),
    "/chain-3": leads("/good"),
    "/loop-2": leads("/loop"),
    "/later": leads("/good", "302 Found"),
    **{f"/long-{n}": leads(f"/long-{n + 1}") for n in range(1, 9)},
    **{f"/five-{n}": leads(f"/five-{n + 1}") for n in range(1, 5)},
    "/five-5": page(),
}


def to(path: str, host: str = "site.example") -> str:
    return f"http://{host}:{PORT}{path}"


def other(path: str) -> str:
    return to(path, "other.example")


CASES: dict[str, Case] = {
    # Works
    "page": Case(page(), "works", 200),
    "no-content": Case(status("204 No Content"), "works", 204),
    "file": Case(for_ever("HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n", "%"),
                 "works", 200),
    "old-http": Case(raw(f"HTTP/1.0 200 OK\r\n{HTML}\r\n\r\n<title>Old"), "works", 200),
    "unusual-port": Case(page(), "works", 200),
    "idn": Case(page(), "works", 200, host="bücher.example"),
    "second-number": Case(page(), "works", 200, host="second.example"),
    "endless-body": Case(for_ever(f"{OK}\r\n<title>A", "a" * 1000), "works", 200),
    "gzip-bomb": Case(for_ever(f"{OK}Content-Encoding: gzip\r\n\r\n", b"\0" * 1000), "works", 200),
    "length-too-long": Case(raw(f"{OK}Content-Length: 99999\r\n\r\n<title>A page"), "works", 200),
    "length-too-short": Case(raw(f"{OK}Content-Length: 3\r\n\r\n<title>Not found"), "works", 200),
    "length-senseless": Case(raw(f"{OK}Content-Length: -7\r\n\r\n<title>A page"), "works", 200),
    "endless-chunks": Case(for_ever(CHUNKED, "1\r\na\r\n"), "works", 200),
    "chunks-broken-off": Case(raw(CHUNKED, "5\r\nabcde\r\nff\r\nab"), "works", 200),
    # Has moved
    "moved": Case(leads("/good"), "moved", 200, to("/good")),
    "moved-308": Case(leads("/good", "308 Permanent Redirect"), "moved", 200, to("/good")),
    "moved-by-a-chain": Case(leads("/chain-2"), "moved", 200, to("/good")),
    "moved-then-for-now": Case(leads("/later"), "moved", 200, to("/later")),
    "for-now": Case(leads("/good", "302 Found"), "works", 200),
    "for-now-elsewhere": Case(leads(other("/good"), "307 Temporary"), "works", 200),
    "five-redirects": Case(leads("/five-1"), "moved", 200, to("/five-5")),
    "moved-to-www": Case(leads(f"http://www.site.example:{PORT}/good"), "moved", 200,
                         f"http://www.site.example:{PORT}/good"),
    "moved-elsewhere": Case(leads(other("/good")), "elsewhere", 200, other("/good")),
    "moved-with-accents": Case(leads("/caf\xc3\xa9?x=y z"), "moved", 200, to("/café?x=y z")),
    "moved-to-the-front": Case(leads("/"), "front-page", 200, to("/")),
    "for-now-to-the-front": Case(leads("/en/", "302 Found"), "front-page", 200, to("/en/")),
    "moved-to-another-front": Case(leads(other("/")), "front-page", 200, other("/")),
    # Refuses robots
    "401": Case(status("401 Unauthorized"), "refused", 401),
    "403": Case(status("403 Forbidden"), "refused", 403),
    "429": Case(status("429 Too Many"), "refused", 429),
    "429-with-a-pause": Case(status("429 Too Many", "Retry-After: 3600"), "refused", 429,
                             host="busy.example"),
    "999": Case(status("999 Request denied"), "refused", 999),
    # Not there
    "404": Case(status("404 Not Found"), "not-found", 404),
    "410": Case(status("410 Gone"), "not-found", 410),
    "moved-to-nothing": Case(leads("/nothing"), "not-found", 404),
    "says-gone-in-english": Case(page("Page not found | A museum"), "says-gone", 200),
    "says-gone-in-german": Case(page("Museum", "404 – Seite nicht gefunden"), "says-gone", 200),
    "says-gone-in-french": Case(page("Mus&eacute;e : page introuvable"), "says-gone", 200),
    "says-gone-in-latin-2": Case(page("Strona nie została znaleziona", charset="iso-8859-2"),
                                 "says-gone", 200),
    "moved-to-what-says-gone": Case(leads("/says-gone-in-english"), "says-gone", 200),
    "about-being-lost": Case(page("Page not found: a lesson on the net", "How 404 came about"),
                             "works", 200),
    # Fails
    "500": Case(status("500 Internal Server Error"), "server-error", 500),
    "503": Case(status("503 Unavailable", "Retry-After: 60"), "server-error", 503,
                host="weary.example"),
    "no-host": Case(page(), "no-host", host="nowhere.example"),
    "name-of-no-host": Case(page(), "no-host", host="a..example"),
    "name-with-a-line": Case(page(), "no-host", host="a%0d%0ax.example"),
    "closes-at-once": Case(raw(), "no-connection"),
    "never-answers": Case(wait, "too-slow"),
    "stops-in-the-head": Case(say_and_wait("HTTP/1.1 200 OK\r\nContent-"), "too-slow"),
    "stops-in-the-page": Case(say_and_wait(f"{OK}Content-Length: 999\r\n\r\n<title>"), "too-slow"),
    "dripping-head": Case(drip("HTTP/1.1 200 OK\r\nX-"), "too-slow"),
    "dripping-page": Case(drip(f"{OK}\r\n<title>"), "too-slow"),
    "loop": Case(leads("/loop-2"), "redirects", 301),
    "loop-of-one": Case(leads("/loop-of-one#again"), "redirects", 301),
    "six-redirects": Case(leads("/long-1"), "redirects", 301),
    # Leads where nobody should go
    "to-a-private-number": Case(leads("http://10.0.0.1/"), "not-public"),
    "to-this-machine": Case(leads("http://127.0.0.1:{port}/good"), "not-public"),
    "to-a-number-in-disguise": Case(leads("http://0x7f.1:{port}/good"), "not-public"),
    "to-localhost": Case(leads("http://localhost:{port}/good"), "not-public"),
    "to-a-private-name": Case(leads(f"http://private.example:{PORT}/good"), "not-public"),
    "to-a-name-of-the-cloud": Case(leads("http://metadata.example/"), "not-public"),
    "to-a-private-number-of-ipv6": Case(leads("http://[::ffff:10.0.0.1]/"), "not-public"),
    "to-a-private-name-of-ipv6": Case(leads(f"http://six.example:{PORT}/"), "not-public"),
    "partly-private": Case(page(), "not-public", host="mixed.example"),
    "rebinding": Case(leads(f"http://rebinding.example:{PORT}/good"), "not-public",
                      host="rebinding.example"),
    "to-a-file": Case(leads("file:///etc/passwd"), "not-public"),
    "to-ftp": Case(leads("ftp://site.example/good"), "not-public"),
    "to-a-script": Case(leads("javascript:alert(1)"), "not-public"),
    "to-credentials": Case(leads(f"http://me:secret@site.example:{PORT}/good"), "not-public"),
    "to-the-port-of-mail": Case(leads("http://site.example:25/"), "not-public"),
    "to-the-port-of-chat": Case(leads("http://site.example:6667/"), "not-public"),
    # Makes no sense
    "garbage": Case(raw(bytes(range(256)) * 4), "senseless"),
    "http-0.9": Case(raw("<title>Very old</title>\r\n\r\n"), "senseless"),
    "endless-line": Case(for_ever("HTTP/1.1 200 OK\r\nX-Long: ", "a" * 1000), "senseless"),
    "endless-head": Case(for_ever("HTTP/1.1 200 OK\r\n", "X-A: b\r\n"), "senseless"),
    "endless-continue": Case(for_ever("", "HTTP/1.1 100 Continue\r\n\r\n"), "senseless"),
    "huge-head": Case(raw(OK, f"X-Huge: {'a' * 70_000}\r\n\r\n<title>A page"), "senseless"),
    "bad-chunks": Case(raw(CHUNKED, "zz\r\n<title>A page"), "senseless"),
    "status-of-no-kind": Case(status("99999 Fine"), "senseless"),
    "400": Case(status("400 Bad Request"), "senseless", 400),
    "304": Case(status("304 Not Modified"), "senseless", 304),
    "redirect-to-nowhere": Case(status("302 Found"), "senseless", 302),
    "redirect-with-nul": Case(leads("/go\0od"), "senseless", 301),
    "redirect-of-two-lines": Case(leads("/good\r\n\tX-Injected: yes"), "senseless", 301),
    "redirect-to-a-bad-number": Case(leads("http://[::1/"), "senseless", 301),
    "redirect-to-a-bad-port": Case(leads("http://site.example:99999/"), "senseless"),
}  # fmt: skip


def list_behaviours() -> dict[str, Behaviour]:
    """Return the behaviours of the server, by path."""
    own = {f"/{name}": case.behave for name, case in CASES.items()}
    accents = {"/caf%C3%A9?x=y%20z": page()}
    return {**AIDS, **own, **accents}
