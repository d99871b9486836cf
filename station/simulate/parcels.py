"""What there is to scan in the simulated vault: a plan, its packages' tags and units, a tag of somebody else."""

import base64

import msgspec

PACKAGES = 60
LOCATION = "Vault A"
STRANGE_TAG = "1A4FF0300000099000000001"
_FIRST = 12345
_ITEMS = (
    ("Live Resin 1 g", "Concentrate", "25"),
    ("Flower 3.5 g", "Buds", "40"),
    ("Pre-roll 5 x 0.5 g", "Pre-Roll", "36"),
    ("Vape Cartridge 1 g", "Vape", "60"),
    ("Gummies 100 mg", "Edible", "48"),
)


def planned_tags(packages: int = PACKAGES) -> tuple[str, ...]:
    """The Metrc tags of the plan, in the order in which they lie on the shelf."""
    return tuple(f"1A40603000000010{_FIRST + number:08d}" for number in range(packages))


def plan_file(version: int, packages: int = PACKAGES) -> bytes:
    """A plan file as `station import plan` takes it."""
    lines = []
    for number, tag in enumerate(planned_tags(packages)):
        item, category, quantity = _ITEMS[number % len(_ITEMS)]
        about = {"tag": tag, "item": item, "category": category, "unit": "ea", "pos": quantity, "metrc": quantity}
        lines.append({**about, "location": LOCATION, "batch": f"B-{70 + number // 5}"})
    return msgspec.json.encode(
        {"plan": "P-DEMO", "version": version, "kind": "guided", "location": LOCATION, "packages": lines}
    )


def retail_id(tag: str, unit_index: int) -> str:
    """The code on one unit of a package (`station.domain.identifiers.retail_id`, the base64url form)."""
    encoded, rest = bytearray(bytes.fromhex(tag)), unit_index
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return "https://1a4.com/" + base64.urlsafe_b64encode(bytes(encoded)).decode().rstrip("=")
