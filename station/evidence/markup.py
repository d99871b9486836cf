"""Text as HTML, and the frame of every page that people print: self-contained, on Letter and on A4."""

import unicodedata
from collections.abc import Iterable
from html import escape

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{kind}: {title}</title>
<style>{sheet}{style}</style>
</head>
<body>
<header><p>{kind}</p><h1>{title}</h1></header>
<table class="facts">
{facts}</table>
{body}</body>
</html>
"""

_SHEET = """
@page { margin: 14mm 12mm }
* { box-sizing: border-box }
body { margin: 10mm auto; max-width: 190mm; font: 10pt/1.35 Georgia, "Times New Roman", serif; color: #111 }
header { border-bottom: 0.8mm solid #111; padding-bottom: 2mm; margin-bottom: 4mm }
header p { margin: 0; font-size: 9pt; letter-spacing: 0.14em; text-transform: uppercase }
h1 { margin: 0; font-size: 20pt; font-weight: normal; overflow-wrap: anywhere }
h2 { margin: 7mm 0 2mm; font-size: 12pt; break-after: avoid }
p, ul { margin: 2mm 0 } ul { padding-left: 5mm }
table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
th, td { text-align: left; vertical-align: top; padding: 0.8mm 3mm 0.8mm 0; overflow-wrap: anywhere }
.facts th { width: 28mm; font-weight: normal; color: #555 }"""


def html_page(kind: str, title: str, facts: Iterable[tuple[str, str]], style: str, body: str) -> str:
    """A whole page. `kind` and `body` are HTML, `title` and the facts text; `style` adds to what all pages share."""
    rows = "".join(f"<tr><th>{name}</th><td>{as_html(value)}</td></tr>\n" for name, value in facts)
    return _DOCUMENT.format(kind=kind, title=as_html(title), sheet=_SHEET, style=style, facts=rows, body=body)


def as_html(text: str, keep: str = "") -> str:
    """Text as HTML; what is no visible character (also what turns the direction of writing) shows as its number."""
    shown = (each if each in keep or unicodedata.category(each)[0] != "C" else f"\\u{ord(each):04x}" for each in text)
    return escape("".join(shown))
