"""Which rooms of the domain are duties: those whose row of the table a setting names."""

from station.domain.station.duties import ROWS

DUTIES = frozenset(type(row.initial).__module__.split(".")[2] for row in ROWS if row.setting)
