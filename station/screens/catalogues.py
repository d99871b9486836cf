"""What the screens say: for each language a key -> a text with `{0}`, `{1}` where the phrase's arguments go.

The keys stand by the slot that they are meant for: a *fact* is large, a *detail* and an *instruction* are one line
of 21 characters each, a *duty* is one word of at most 6 characters.
"""

import re

from station.domain.view import Phrase

PLACE = re.compile(r"\{(\d)\}")

EN_DUTIES = {"duty_count": "Count", "duty_entry": "Entry", "duty_receiving": "Dock", "duty_picking": "Pick"}
EN_FACTS = {
    "starting": "Starting",
    "ready": "Ready",
    "lockdown": "LOCKDOWN",
    "progress": "{0}/{1}",
    "counted": "{0}",
    "keyed": "{0}",
    "paused": "Paused",
    "not_recording": "NOT RECORDING",
    "stopped": "Safe to unplug",
}
EN_DETAILS = {
    "scanned": "..{0} counted",
    "unit": "..{0} unit {1}",
    "already": "..{0} already in",
    "unknown": "..{0} not in plan",
    "located": "At {0}",
    "quantity": "..{0} = {1} {2}",
    "undo_asked": "Undo ..{0}?",
    "undone": "..{0} undone",
    "opened": "Count {0}",
    "plan_loaded": "Plan {0}",
    "message": "{0}",
    "locked_down": "Lockdown: no entry",
    "resumed": "Count goes on",
    "closed": "Closed: {0} packages",
    "abandoned": "Count abandoned",
    "source_lost": "{0} not found",
    "disk_full": "Disk is full",
    "disk_read_only": "Disk is read-only",
    "disk_error": "Disk error",
    "disk_corrupt": "Journal is damaged",
    "disk_stalled": "Disk does not answer",
    "refused_empty": "Nothing was read",
    "refused_too_long": "Code is too long",
    "refused_control_characters": "Code is garbled",
    "refused_not_ascii": "Strange characters",
    "refused_not_a_code": "Not a package code",
    "refused_bad_check": "Misread code",
    "refused_bad_retail_id": "Retail ID not valid",
    "refused_bad_card": "Card was misread",
    "refused_unknown_command": "Card is not known",
    "refused_foreign_code": "Not the package tag",
    "refused_no_session": "No count is open",
    "refused_no_plan": "Plan is not loaded",
    "refused_plan_stale": "Plan is out of date",
    "refused_no_location": "No location yet",
    "refused_paused": "Count is paused",
    "refused_no_package": "No package scanned",
    "refused_bad_quantity": "Quantity not valid",
    "refused_nothing_to_undo": "Nothing to undo",
    "refused_already_open": "A count is open",
    "refused_refusals_unseen": "Refusals not seen yet",
    "refused_keys_lost": "Part of scan was lost",
    "refused_strange_key": "Unknown key was typed",
    "refused_cut_off": "Scan was cut off",
    "refused_too_slow": "Scan came too slowly",
    "refused_alt_keypad": "Scanner in ALT mode",
    "refused_inbox_full": "Too fast: not counted",
    "refused_not_recording": "Scan was not recorded",
    "refused_not_served": "Not used here",
}
EN_INSTRUCTIONS = {
    "scan_start": "Scan the start card",
    "scan_location": "Scan a location card",
    "scan_package": "Scan a package",
    "scan_enter": "Scan the enter card",
    "scan_undo_again": "Scan undo once more",
    "scan_resume": "Scan the resume card",
    "scan_seen": "Scan the seen card",
    "tell_supervisor": "Tell a supervisor",
    "recording_resumes": "Wait, do not scan",
    "restart_needed": "Restart the station",
    "none": "",
}

ES_DUTIES = {"duty_count": "Conteo", "duty_entry": "Acceso", "duty_receiving": "Recibo", "duty_picking": "Surtir"}
ES_FACTS = {
    "starting": "Iniciando",
    "ready": "Listo",
    "lockdown": "BLOQUEADO",
    "progress": "{0}/{1}",
    "counted": "{0}",
    "keyed": "{0}",
    "paused": "En pausa",
    "not_recording": "SIN REGISTRO",
    "stopped": "Ya puede desconectar",
}
ES_DETAILS = {
    "scanned": "..{0} contado",
    "unit": "..{0} unidad {1}",
    "already": "..{0} ya contado",
    "unknown": "..{0} no en plan",
    "located": "En {0}",
    "quantity": "..{0} = {1} {2}",
    "undo_asked": "¿Anular ..{0}?",
    "undone": "..{0} anulado",
    "opened": "Conteo {0}",
    "plan_loaded": "Plan {0}",
    "message": "{0}",
    "locked_down": "Nadie debe entrar",
    "resumed": "El conteo sigue",
    "closed": "Cierre: {0} paquetes",
    "abandoned": "Conteo descartado",
    "source_lost": "Falta {0}",
    "disk_full": "Disco lleno",
    "disk_read_only": "Disco solo de lectura",
    "disk_error": "Error del disco",
    "disk_corrupt": "Registro dañado",
    "disk_stalled": "El disco no responde",
    "refused_empty": "No se leyó nada",
    "refused_too_long": "Código muy largo",
    "refused_control_characters": "Código ilegible",
    "refused_not_ascii": "Caracteres extraños",
    "refused_not_a_code": "No es de un paquete",
    "refused_bad_check": "Código mal leído",
    "refused_bad_retail_id": "Retail ID no válido",
    "refused_bad_card": "Tarjeta mal leída",
    "refused_unknown_command": "Tarjeta desconocida",
    "refused_foreign_code": "No es la etiqueta",
    "refused_no_session": "No hay conteo abierto",
    "refused_no_plan": "Ese plan no está",
    "refused_plan_stale": "El plan ha vencido",
    "refused_no_location": "Falta la ubicación",
    "refused_paused": "Conteo en pausa",
    "refused_no_package": "Falta el paquete",
    "refused_bad_quantity": "Cantidad no válida",
    "refused_nothing_to_undo": "Nada que anular",
    "refused_already_open": "Ya hay un conteo",
    "refused_refusals_unseen": "Rechazos sin ver",
    "refused_keys_lost": "Lectura incompleta",
    "refused_strange_key": "Tecla desconocida",
    "refused_cut_off": "Lectura cortada",
    "refused_too_slow": "Lectura muy lenta",
    "refused_alt_keypad": "Lector en modo ALT",
    "refused_inbox_full": "Muy rápido: no contó",
    "refused_not_recording": "Lectura no registrada",
    "refused_not_served": "No se usa aquí",
}
ES_INSTRUCTIONS = {
    "scan_start": "Lea tarjeta de inicio",
    "scan_location": "Lea una ubicación",
    "scan_package": "Lea un paquete",
    "scan_enter": "Lea tarjeta aceptar",
    "scan_undo_again": "Lea anular otra vez",
    "scan_resume": "Lea tarjeta reanudar",
    "scan_seen": "Lea tarjeta visto",
    "tell_supervisor": "Avise al supervisor",
    "recording_resumes": "Espere, no lea nada",
    "restart_needed": "Reinicie la estación",
    "none": "",
}

CATALOGUES = {
    "en": EN_DUTIES | EN_FACTS | EN_DETAILS | EN_INSTRUCTIONS,
    "es": ES_DUTIES | ES_FACTS | ES_DETAILS | ES_INSTRUCTIONS,
}


def worded(phrase: Phrase | None, language: str) -> str:
    """The text of `phrase`; an unknown language is read as English, an unknown key says itself, an argument that is
    missing is left blank. Never raises: a screen with a strange word is better than none."""
    if phrase is None:
        return ""
    catalogue = CATALOGUES.get(language, CATALOGUES["en"])
    return PLACE.sub(lambda place: _argument(phrase, int(place[1])), catalogue.get(phrase.key, phrase.key))


def duty_word(duty: str, language: str) -> str:
    """The word for a duty in the status bar; an unknown duty is its own word."""
    return CATALOGUES.get(language, CATALOGUES["en"]).get(f"duty_{duty}", duty)


def _argument(phrase: Phrase, at: int) -> str:
    return phrase.args[at] if at < len(phrase.args) else ""
