"""Which hosts of addresses are public, so that readers anywhere can open them."""

import ipaddress
import re
import unicodedata
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NOT_PUBLIC = _(
    "Only public addresses can be given. This one is inside somebody's own network, or on one "
    "computer."
)
# Names that no server of the public internet answers to, by RFC 6761, RFC 8375 and common use.
PRIVATE_NAMES = (
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan",
    "home.arpa", "test", "invalid", "onion",
)  # fmt: skip
DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})  # as browsers read them
# A part of an IPv4 address as browsers and C libraries read it: decimal, octal or hexadecimal.
PART = re.compile(r"0x[0-9a-f]*|[0-9]+")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def refuse_private_hosts(address: str) -> None:
    """Raise ValidationError for an address that only leads somewhere on somebody's own network."""
    if not is_public(address):
        raise ValidationError(NOT_PUBLIC, code="not_public")


def is_public(address: str) -> bool:
    """Whether readers anywhere can reach the host of an address, by its name or number alone."""
    try:
        host = read_host(address)
        ip = read_ip(host)
    except ValueError:
        return False
    if ip is not None:
        return leads_to_public(ip)
    return "." in host and not any(
        host == name or host.endswith(f".{name}") for name in PRIVATE_NAMES
    )


def read_host(address: str) -> str:
    """Return the host of an address as browsers read it: wide letters and %31 are plain ones."""
    host = unquote(urlsplit(address).hostname or "").translate(DOTS)
    return unicodedata.normalize("NFKC", host).lower().rstrip(".")


def read_ip(host: str) -> Address | None:
    """Return the IP address that a host is, in whichever form; None for a name.

    A host that ends in a number is an IP address or wrong, as in the URL standard.
    """
    if ":" in host:
        return ipaddress.IPv6Address(host.partition("%")[0])
    parts = host.split(".")
    if not PART.fullmatch(parts[-1]):
        return None
    *bytes_, rest = map(read_part, parts)
    if len(parts) > 4 or any(byte > 255 for byte in bytes_) or rest >= 256 ** (5 - len(parts)):
        raise ValueError(host)
    return ipaddress.IPv4Address(sum(b << 24 - 8 * n for n, b in enumerate(bytes_)) + rest)


def read_part(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)


def list_meant(ip: Address) -> list[Address]:
    """Return an IP address, and the IPv4 address that it carries inside."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    if ip in NAT64:
        inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if inside is None:
        return [ip]
    return [inside] if ip.ipv4_mapped or ip in NAT64 else [ip, inside]


def leads_to_public(ip: Address) -> bool:
    """Whether an IP address is public, and also the one that it carries inside."""
    return all(map(is_public_ip, list_meant(ip)))


def is_public_ip(ip: Address) -> bool:
    return ip.is_global and not ip.is_multicast
