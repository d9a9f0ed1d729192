"""Whether the page may be served as it is asked for, and who is let in then."""

from __future__ import annotations

import ipaddress

import click

from qa.accounts.model import Role
from qa.accounts.store import Accounts
from qa.web.admission import Admission, Proxy
from qa.web.server import CannotServe, address_of


def admitted(accounts: Accounts, host: str, names: tuple[str, ...], proxy: Proxy | None, *, is_open: bool) -> Admission:
    """How requests to this address will be told apart; raises CannotServe where others could come in unasked.

    ``names`` are what people call this server; its own address, where it is one, need not be among them.
    """
    address = address_of(host)
    admission = Admission(accounts, proxy)
    if is_open and admission.asks:
        raise CannotServe("There are accounts, or a proxy, and --open would let in everybody. Leave one of them out")
    if address.is_loopback:
        return Admission(admission.accounts, proxy, names)
    if not (is_open or admission.asks):
        raise CannotServe(
            f"{host} can be reached from other machines, and there are no accounts to protect it. Make one with"
            " krakow-qa user add NAME --role admin, or use --host 127.0.0.1"
        )
    if address.is_unspecified and not names:
        raise CannotServe(
            f"{host} stands for all addresses of this machine. Say which name people type for it:"
            f" krakow-qa serve --host {host} --name ask.example.org"
        )
    if is_open:
        click.echo("There are no accounts: anybody who reaches this server can do everything, purge too.", err=True)
    own = () if address.is_unspecified else (f"[{address}]" if address.version == 6 else str(address),)
    return Admission(admission.accounts, proxy, (*names, *own))


def proxy_of(header: str | None, addresses: str | None, role: str | None) -> Proxy | None:
    """The proxy that signs people in; raises CannotServe where not all is said of it."""
    if header is None and addresses is None and role is None:
        return None
    if header is None or addresses is None:
        raise CannotServe(
            "A proxy that signs people in needs both, its header and its address:"
            " krakow-qa serve --proxy-header X-Forwarded-User --proxy-from 127.0.0.1"
        )
    try:
        networks = tuple(ipaddress.ip_network(each.strip()) for each in addresses.split(","))
    except ValueError as error:
        raise CannotServe(
            f"{error}. Give addresses or networks, with commas: --proxy-from 10.0.0.5,10.0.1.0/24"
        ) from error
    return Proxy(header.lower(), networks, None if role is None else Role(role))
