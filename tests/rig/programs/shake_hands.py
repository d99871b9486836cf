"""Connect to a broker with TLS (argv: host, port, ca, and perhaps a certificate and its key) and say CONNECT.

Prints the TLS version that was agreed on, then the CONNACK in hex (MQTT 3.1.1, 3.2: `20020000` is welcome), or why not.
"""

import os
import socket
import ssl
import sys

CONNECT = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me"

host, port, ca, *pair = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.maximum_version = ssl.TLSVersion[os.environ.get("TLS_MAX", "MAXIMUM_SUPPORTED")]
if pair:
    context.load_cert_chain(*pair)
try:
    with (
        socket.create_connection((host, int(port)), 30) as raw,
        context.wrap_socket(raw, server_hostname=host) as tls,
    ):
        print(tls.version(), end=" ")
        tls.sendall(CONNECT)
        print(tls.recv(4).hex())
except OSError as error:  # with TLS 1.3 a client hears only after the handshake that its certificate is refused
    print(f"refused: {error}")
