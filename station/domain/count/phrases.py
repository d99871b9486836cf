"""What the screens say of a count."""

from station.domain.core.duty import Phrases, Said

PHRASES = Phrases(
    duty=Said("Count", "Conteo"),
    facts={"progress": Said("{0}/{1}", "{0}/{1}"), "counted": Said("{0}", "{0}")},
    details={
        "scanned": Said("..{0} counted", "..{0} contado"),
        "unit": Said("..{0} unit {1}", "..{0} unidad {1}"),
        "already": Said("..{0} already in", "..{0} ya contado"),
        "unknown": Said("..{0} not in plan", "..{0} no en plan"),
        "opened": Said("Count {0}", "Conteo {0}"),
        "plan_loaded": Said("Plan {0}", "Plan {0}"),
        "resumed": Said("Count goes on", "El conteo sigue"),
        "closed": Said("Closed: {0} packages", "Cierre: {0} paquetes"),
        "abandoned": Said("Count abandoned", "Conteo descartado"),
        "refused_no_plan": Said("Plan is not loaded", "Ese plan no está"),
        "refused_plan_stale": Said("Plan is out of date", "El plan ha vencido"),
    },
)
