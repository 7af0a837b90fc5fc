"""Tests of which addresses are public: names and numbers of hosts, in whichever form."""

import pytest
from django.core.exceptions import ValidationError

from programmes.columns.hosts import is_public
from programmes.models import Source

pytestmark = pytest.mark.once

PUBLIC = (
    "https://www.jet-net.nl/", "http://example.org:8080/a", "https://münchen.example/", "http://8.8.8.8/",
    "https://xn--mnchen-3ya.example/", "http://[2001:4860:4860::8888]/", "https://localhost.example.org/",
    "https://127.0.0.1.example.org/", "https://user:pass@example.org/", "https://0x7f.example/",
    "https://my.home-page.example/",
)  # fmt: skip
PRIVATE = (
    "http://localhost/", "http://LOCALHOST:8000/", "http://localhost./", "http://a.localhost/",
    "http://wiki/", "http://wiki.local/", "http://intranet.corp/", "http://x.internal/", "http://nas.lan/",
    "http://router.home.arpa/", "http://127.0.0.1/", "http://127.1/", "http://2130706433/",
    "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/",
    "http://0/", "http://0.0.0.0/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/",
    "http://192.168.257/", "http://169.254.169.254/latest/", "http://100.64.0.1/", "http://224.0.0.1/",
    "http://255.255.255.255/", "http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fc00::1]/",
    "http://[ff02::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[2002:7f00:1::]/",
    "http://[64:ff9b::a00:1]/", "http://[fe80::1%25eth0]/", "http://%31%32%37.0.0.1/",
    "http://127。0。0。1/", "http://１２７.0.0.1/", "http://example.org@127.0.0.1/", "http://256.1.1.1.1/",
    "http://1.2.3.256/", "http://09.1.1.1/", "http://[zz]/", "http:///path", "http://",
    "javascript:alert(1)",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_that_anybody_can_open_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_on_somebodys_own_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1/a", "http://[::1]/", "http://wiki.local/"])
def test_models_and_their_forms_refuse_such_an_address(address: str) -> None:
    source = Source(slug="s", title="S", url=address)
    with pytest.raises(ValidationError, match="inside somebody's own network"):
        source.clean_fields()
    with pytest.raises(ValidationError, match="inside somebody's own network"):
        Source._meta.get_field("url").formfield().clean(address)
