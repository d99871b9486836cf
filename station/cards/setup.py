"""How to set up two common families of scanners, as instructions to scan named pages of their manuals.

No configuration symbol is printed here: a wrong one changes a gun in ways that nobody sees. What a vendor's
manual was not seen to say is marked unconfirmed. Order matters: what locks the gun's settings comes last.
"""

import msgspec

_ZEBRA = "Zebra / Symbol DS2208, LI2208"
_HONEYWELL = "Honeywell Voyager 1400g, Xenon 1900"
_ZEBRA_MANUAL = "Product Reference Guide of the model"
_HONEYWELL_MANUAL = "User Guide of the model; command syntax (SYN M CR, then the command, then a full stop) as in \
Xenon 1900 User Guide, Serial Programming Commands"


class SetupCard(msgspec.Struct, frozen=True):
    """One setting of one family of scanners.

    `purpose` is `terminator`, `mute`, `batch` or `lock`. `serial_command` is what a scanner on RS-232 takes
    instead of a symbol, or "". `source` says where it is written; `confirmed`, whether it was seen there.
    """

    model: str
    purpose: str
    title_en: str
    title_es: str
    instruction_en: str
    instruction_es: str
    source: str
    confirmed: bool
    serial_command: str = ""


# Purpose -> title in English, in Spanish.
_TITLES = {
    "terminator": ("1. End every code with Enter", "1. Terminar cada código con Intro"),
    "mute": ("2. Mute the gun's own beep", "2. Silenciar el pitido del lector"),
    "batch": ("3. No batch mode", "3. Sin modo por lotes"),
    "lock": ("4. Last: refuse configuration codes", "4. Al final: rechazar códigos de configuración"),
}


def _setup_card(
    model: str,
    purpose: str,
    texts: tuple[str, str],
    *,
    source: str,
    confirmed: bool = False,
    serial: str = "",
) -> SetupCard:
    return SetupCard(model, purpose, *_TITLES[purpose], *texts, source, confirmed, serial)


_WHY_MUTE_EN = "The gun beeps when it has decoded; the station sounds when the scan is recorded."
_WHY_MUTE_ES = "El lector pita al leer; la estación suena cuando la lectura queda registrada."

SETUP_CARDS: tuple[SetupCard, ...] = (
    _setup_card(
        _ZEBRA,
        "terminator",
        (
            "Scan <DATA> <SUFFIX 1> on the page Scan Data Transmission Format (parameter 235). "
            "Leave suffix 1 at Enter.",
            "Lea <DATA> <SUFFIX 1> en la página Scan Data Transmission Format (parámetro 235). "
            "Deje el sufijo 1 en Intro.",
        ),
        source="LS2208 Product Reference Guide, page 14-5, names it; its own page was not seen",
    ),
    _setup_card(
        _ZEBRA,
        "mute",
        (
            f"Scan what disables it on the page Beep After Good Decode (parameter 56). {_WHY_MUTE_EN}",
            f"Lea lo que lo desactiva en la página Beep After Good Decode (parámetro 56). {_WHY_MUTE_ES}",
        ),
        source=f"{_ZEBRA_MANUAL}, chapter User Preferences; the page was not seen",
    ),
    _setup_card(
        _ZEBRA,
        "batch",
        (
            "Cordless models (DS2278, LI4278): scan Normal on the page Batch Mode (parameter 544). "
            "A model on a cable whose manual has no such page needs nothing.",
            "Modelos inalámbricos (DS2278, LI4278): lea Normal en la página Batch Mode (parámetro 544). "
            "Un modelo con cable cuyo manual no tiene esa página no necesita nada.",
        ),
        source="DS2278 Product Reference Guide, page 5-32; LI4278 Product Reference Guide, page 4-28",
        confirmed=True,
    ),
    _setup_card(
        _ZEBRA,
        "lock",
        (
            "Scan Disable on the page Parameter Scanning (parameter 236; also Parameter Bar Code Scanning). "
            "Keep the page: Enable stands there too.",
            "Lea Disable en la página Parameter Scanning (parámetro 236; o Parameter Bar Code Scanning). "
            "Guarde la página: allí está también Enable.",
        ),
        source=f"{_ZEBRA_MANUAL}, chapter User Preferences; the page was not seen",
    ),
    _setup_card(
        _HONEYWELL,
        "terminator",
        (
            "Scan Add CR Suffix for all symbologies, near the start of the manual or in its chapter Data "
            "Editing. From the factory there is no suffix.",
            "Lea Add CR Suffix para todas las simbologías, al principio del manual o en su capítulo Data "
            "Editing. De fábrica no hay sufijo.",
        ),
        source=f"{_HONEYWELL_MANUAL}; chapter Data Editing: default suffix none; the symbol was not seen",
        serial="SYN M CR VSUFCR.",
    ),
    _setup_card(
        _HONEYWELL,
        "mute",
        (
            f"Scan Off under Beeper - Good Read. {_WHY_MUTE_EN}",
            f"Lea Off en Beeper - Good Read. {_WHY_MUTE_ES}",
        ),
        source=f"{_HONEYWELL_MANUAL}; the page and the command were not seen",
        serial="SYN M CR BEPBEP0.",
    ),
    _setup_card(
        _HONEYWELL,
        "batch",
        (
            "Cordless models (Xenon 1902): scan Off under Batch Mode. "
            "A model on a cable whose manual has no such page needs nothing.",
            "Modelos inalámbricos (Xenon 1902): lea Off en Batch Mode. "
            "Un modelo con cable cuyo manual no tiene esa página no necesita nada.",
        ),
        source=f"{_HONEYWELL_MANUAL}; the page was not seen",
    ),
    _setup_card(
        _HONEYWELL,
        "lock",
        (
            "If the manual has a page on the security of programming bar codes, scan what disables them. "
            "If it has none: keep strangers' codes away from the gun.",
            "Si el manual tiene una página sobre la seguridad de los códigos de programación, lea lo que los "
            "desactiva. Si no la tiene: mantenga lejos del lector los códigos ajenos.",
        ),
        source=f"{_HONEYWELL_MANUAL}; the page and the command were not seen",
        serial="SYN M CR MNUENA0.",
    ),
)
