"""TLS to the broker: version 1.3, its name checked, our certificate shown."""

import os
import ssl

from station.backoffice.settings import SettingsRefused, Tls


def tls_context(files: Tls) -> ssl.SSLContext:
    """Build the TLS context of a connection to the broker. Raise `SettingsRefused` with the setting that is wrong."""
    for setting, path in (("ca", files.ca), ("cert", files.cert), ("key", files.key)):
        if (path or setting == "ca") and not os.access(path, os.R_OK):
            raise SettingsRefused(f"[broker] tls.{setting} = {path!r} cannot be read; must be a PEM file here")
    try:
        made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=files.ca)
        made.minimum_version = ssl.TLSVersion.TLSv1_3
        if files.cert:
            made.load_cert_chain(files.cert, files.key)
    except ssl.SSLError as error:
        text = f"[broker] tls.ca, tls.cert or tls.key is no PEM file, or the pair differs: {error}"
        raise SettingsRefused(text) from error
    return made
