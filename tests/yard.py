"""The broker of provisioning/mosquitto, as it stands there, and certificates of one authority."""

from pathlib import Path

from station.relay.options import TlsFiles
from tests.brokers import Broker, free_port
from tests.certificates import Authority

PROVISIONED = Path(__file__).parents[1] / "provisioning" / "mosquitto"

TELL_MORE = "log_type debug"
"""So that the broker's log has what the ACL refused: `Denied PUBLISH`."""


class Yard:
    """The provisioned broker with its paths in a test's folder, running while the yard is used as a context.

    Certificates of the back office and of one station, vault-1, are there. The broker listens on the loopback; its own
    certificate is for that and for `addresses`.
    """

    def __init__(self, folder: Path, *addresses: str, port: int = 0) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.authority.issue("broker", "the broker", "127.0.0.1", *addresses)
        self.authority.issue("backoffice", "backoffice")
        self.authority.issue("backoffice-send", "backoffice-send")
        self.authority.issue("vault-1", "greenleaf-414/vault-1")
        self.authority.revoke()
        (folder / "acl").write_text((PROVISIONED / "acl").read_text())
        self._port = port or free_port()
        self.broker = Broker(folder, self._settings(), port=self._port, has_listener=True)

    def __enter__(self) -> "Yard":
        self.broker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.broker.kill()

    def files(self, holder: str) -> TlsFiles:
        """What this holder of a certificate shows."""
        stem = self.folder / holder
        return TlsFiles(ca=str(self.authority.path), cert=f"{stem}.crt", key=f"{stem}.key")

    def setting(self, holder: str) -> str:
        """The line of its settings' table `[broker]`."""
        files = self.files(holder)
        return f'tls = {{ ca = "{files.ca}", cert = "{files.cert}", key = "{files.key}" }}\n'

    def _settings(self) -> str:
        text = (PROVISIONED / "mosquitto.conf").read_text()
        changed = {
            "listener 8883": f"listener {self._port} 127.0.0.1",
            "/etc/mosquitto/custody": str(self.folder),
            "/var/lib/mosquitto": str(self.folder),
        }
        for before, after in changed.items():
            assert before in text
            text = text.replace(before, after)
        return f"{text}\n{TELL_MORE}"
