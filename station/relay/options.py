"""What the relay needs to know of the broker; every limit and pause in one place."""

import msgspec

DEFAULT_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)


class TlsFiles(msgspec.Struct, frozen=True):
    """Paths of PEM files: the broker's authority, the station's certificate and its key. Read at every connection.

    Without `cert` and `key` the station shows no certificate, which few brokers accept.
    """

    ca: str
    cert: str = ""
    key: str = ""


class RelayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`[broker]` with the station's names. Pauses grow along their tuple; the last one repeats."""

    host: str
    site: str
    station: str
    port: int = 8883
    tls: TlsFiles | None = None
    client_id: str = ""
    """Left empty: `<site>/<station>`, as the certificate's common name."""
    keepalive_s: int = 15
    """A broker that says nothing is given up after twice this."""
    connect_timeout_s: float = 5.0
    """For each address of the host, for the TLS handshake, and for the CONNACK."""
    session_s: int = 0
    """For how long the broker keeps what comes for a station that is away; 0: not at all."""
    window: int = 100
    """Leaves on their way; the broker's Receive Maximum lowers it."""
    connect_pauses_s: tuple[float, ...] = DEFAULT_PAUSES_S
    stall_pauses_s: tuple[float, ...] = DEFAULT_PAUSES_S
    """Between tries while nobody subscribes."""
    ack_pauses_s: tuple[float, ...] = (120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0)
    """Without news of the witnesses, until what they have not cosigned is sent again."""
    steady_s: float = 30.0
    """A connection that lasted so long starts the pauses anew."""
    levels_every_s: float = 1.0
    """How often state, info and alerts are looked at."""
    health_every_s: float = 60.0
    journal_pause_s: float = 1.0
    """After the journal could not be read."""
