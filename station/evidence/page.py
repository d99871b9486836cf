"""The page of a bundle: a printed record for people. It explains and shows; it proves nothing by itself."""

import json
from collections.abc import Iterable

import msgspec

from station.domain.station.leaf import Leaf
from station.evidence.markup import as_html, html_page
from station.sealing.checkpoint import Checkpoint
from station.sealing.note import VerifierKey, split_note


def record_page(
    note: bytes, checkpoint: Checkpoint, key: VerifierKey, events: list[tuple[int, bytes]], subject: str
) -> str:
    """The record of these events as one self-contained HTML page."""
    leaves = [msgspec.json.decode(leaf, type=Leaf) for _, leaf in events]
    station, _, epoch = checkpoint.origin.rpartition("/")
    seqs = [seq for seq, _ in events]
    is_whole = len(seqs) == seqs[-1] - seqs[0] + 1
    facts = {
        "Station": station.removeprefix("custody/"),
        "Epoch": epoch,
        "Events": f"{len(seqs)}: {seqs[0]} to {seqs[-1]}"
        + (", none between them left out" if is_whole else ", a selection; others between them are not in this bundle"),
        **({"About": subject} if subject else {}),
        "Time": f"{leaves[0].time} to {leaves[-1].time} (UTC, by the station's clock)",
        "Checkpoint": f"over events 0 to {checkpoint.size - 1}, signed by the station",
        "Witnesses": ", ".join(_signers_but(note, key)) or "none: only the station vouches for it",
    }
    body = _BODY.format(
        groups="".join(f"<span>{group}</span>" for group in key.fingerprint.split()),
        note=as_html(note.decode(), keep="\n"),
        rows="".join(map(_event_row, seqs, leaves)),
    )
    return html_page("Custody record", station.removeprefix("custody/"), facts.items(), _STYLE, body)


def _signers_but(note: bytes, key: VerifierKey) -> Iterable[str]:
    """Who else signed: names as they stand there, none of them verified here."""
    for line in split_note(note)[1]:
        if (line.name, line.key_id) != (key.name, key.key_id):
            yield line.name


def _event_row(seq: int, leaf: Leaf) -> str:
    told = leaf.data if isinstance(leaf.data, dict) else {"data": leaf.data}
    details = " ".join(f"<b>{as_html(name)}</b> {as_html(_value_html(value))}" for name, value in told.items())
    doubt = "" if leaf.clock == "synced" else f" <i>clock {as_html(leaf.clock)}</i>"
    return (
        f"<tr><td>{seq}</td><td>{as_html(leaf.time)}{doubt}</td><td>{as_html(leaf.type)}</td>"
        f"<td>{as_html(leaf.subject)}</td><td>{details}</td></tr>\n"
    )


def _value_html(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_BODY = """
<section class="key">
<h2>1. Compare this fingerprint with the signed paper</h2>
<p class="groups">{groups}</p>
<p>It is that of the station's key. Two people signed a paper that shows it (<code>station checkpoint</code> prints
one). Whoever makes a bundle with a key of his own can print a fingerprint here as well:
<strong>only the paper tells.</strong></p>
<p class="ticks"><span>&#9744; it is the one on the paper of <u></u></span><span>&#9744; there is no paper</span></p>
</section>

<section>
<h2>2. Run the check</h2>
<pre>python3 verify.py --fingerprint "<i>the sixteen groups of the paper</i>" [--witness <i>KEY</i>] [--events]</pre>
<p>Within the unpacked bundle, or with the zip's name as first argument. It needs Python 3.10 and nothing else. Best
take <code>verify.py</code> from its publisher; a bundle that was tampered with may hold a verifier that was, too. A
witness gives its key itself.</p>
</section>

<section>
<h2>3. What that proves, and what it does not</h2>
<ul>
<li><b>Proof:</b> each file under <code>events/</code> stood, byte for byte and at its place, in the journal that the
station's key signed in <code>checkpoint.txt</code>. With a witness's key: and that witness saw that journal at that
time, so that not even the station's owner could change it afterwards.</li>
<li><b>Checksum only:</b> this page, <code>README.txt</code> and <code>verify.py</code>. Damage is found by
<code>contents.txt</code>; a change on purpose is not, for whoever makes it can change that file as well. Where the page
and the events differ, the events are right: <code>--events</code> lists them.</li>
<li><b>Not proved:</b> that what was scanned was true, that the station's clock was right, or that nothing happened
that the station did not see.</li>
</ul>
</section>

<section>
<h2>4. The checkpoint</h2>
<pre>{note}</pre>
</section>

<section>
<h2>5. The events</h2>
<table class="events">
<thead><tr><th>Seq</th><th>Time (UTC)</th><th>Event</th><th>Subject</th><th>What it says</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
</section>
"""

_STYLE = """
li { margin: 1mm 0 }
.key { border: 0.4mm solid #111; padding: 1mm 4mm 2mm; margin: 5mm 0; break-inside: avoid } .key h2 { margin-top: 2mm }
.groups { display: grid; grid-template-columns: repeat(8, auto); justify-content: start; gap: 1mm 6mm;
 font: 13pt monospace; margin: 3mm 0 }
.ticks { display: flex; gap: 10mm } .ticks u { display: inline-block; width: 45mm; border-bottom: 0.2mm solid #111;
 text-decoration: none }
pre, code { font-family: monospace; font-size: 9pt } pre { white-space: pre-wrap; overflow-wrap: anywhere;
 background: #f4f4f1; padding: 2mm 3mm; margin: 2mm 0 }
.events { font-size: 8.5pt } .events th { border-bottom: 0.3mm solid #111 }
.events td { border-bottom: 0.1mm solid #bbb; overflow-wrap: anywhere }
.events td:nth-child(1) { text-align: right; width: 12mm } .events td:nth-child(2) { width: 40mm }
.events td:nth-child(3) { width: 30mm } .events td:nth-child(4) { width: 40mm }
.events b { font-weight: normal; color: #666 }
"""
