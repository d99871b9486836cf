"""What the log's page is poured into below its facts, and how that looks."""

BODY = """<ul class="summary">{summary}</ul>

<section>
<h2>Inside now</h2>
{inside}
</section>

<section>
<h2>Entries</h2>
{entries}
</section>

<section>
<h2>Refused</h2>
{refused}
</section>

<section>
<h2>The door, alarms and rules</h2>
{door}
</section>

<section>
<h2>Gaps in the record, and the clock</h2>
{gaps}
</section>

<footer>
<p>Made from the station's journal alone; the last column is the event's number there. This page shows and proves
nothing by itself: <code>station verify</code> checks the journal, <code>station export --format bundle</code> gives
its events with their proofs.</p>
</footer>
"""

STYLE = """
.summary { display: flex; gap: 2mm; padding: 0; margin: 5mm 0; list-style: none }
.summary li { flex: 1; border: 0.2mm solid #999; padding: 1.5mm 2mm; font-size: 8.5pt; line-height: 1.2 }
.summary b { display: block; font-size: 16pt; font-weight: normal; line-height: 1.1 }
.summary .alarm { border: 0.6mm solid #b00000; background: none }
.rows { font-size: 8.5pt; table-layout: fixed }
.rows thead { display: table-header-group }
.rows thead th { border-bottom: 0.3mm solid #111; font-weight: normal; color: #555 }
.rows td { border-bottom: 0.1mm solid #bbb }
.rows .day th { padding-top: 2.5mm; border-bottom: 0.2mm solid #111; break-after: avoid }
.rows th:first-child { width: 27mm } .entries th:first-child { width: 18mm }
.rows th:last-child, .rows td:last-child { width: 12mm; text-align: right; padding-right: 0; color: #555 }
.rows .day th { width: auto; text-align: left; color: #111; font-size: 9.5pt }
.entries th:nth-child(3) { width: 27mm } .entries th:nth-child(4) { width: 20mm }
.entries th:nth-child(5) { width: 31mm } .entries th:nth-child(6) { width: 38mm }
.entries .utc { display: block }
.refused th:nth-child(3), .door th:nth-child(3) { width: 40mm } .refused th:nth-child(4) { width: 46mm }
.door th:nth-child(4), .gaps th:nth-child(3) { width: 21mm }
.door th:nth-child(5), .gaps th:nth-child(4) { width: 36mm }
.alarm td:nth-child(2) { font-weight: bold; color: #b00000 } p.alarm { font-weight: bold; color: #b00000 }
.utc { color: #666; font-size: 7.5pt }
footer { margin-top: 8mm; border-top: 0.2mm solid #999; font-size: 8.5pt; color: #444 } code { font-size: 8pt }
"""
