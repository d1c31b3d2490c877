"""Whether a description can be worked with: one rule for form, API, call, chat and mail. Pure.

"Con frases como estas nos es imposible ayudarte: Ayuda, Error, Tengo un problema" (Facturando
guide, "Recomendaciones"); "reúna la mayor cantidad de información posible: mensajes,
comportamiento específico, pasos dados" (InvoiceMX manual, "Antes de llamar a Soporte").
The rule teaches twice, then lets through with a flag, and never holds an outage.

It counts evidence: what was being done, on which document or part, what exactly was seen, since
when. Measured on `tests/tickets/descriptions.txt`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LESSONS: Final = 2
WHAT_YOU_DID: Final = "what_you_did"
EXACT_MESSAGE: Final = "exact_message"
SINCE: Final = "since"
DOCUMENT: Final = "document"
# In the order in which the writer is asked for them.
ASPECTS: Final = (EXACT_MESSAGE, WHAT_YOU_DID, SINCE, DOCUMENT)

# How much evidence makes a text that somebody can begin with; a code or a quoted message counts twice.
ENOUGH: Final = 3
# So many words that are no filler tell something, also of a matter that the lists do not know.
_MANY_WORDS: Final = 3


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(text.split())})")


# Beginnings of words, without accents. A document, a part of the program, a thing of the trade.
_OBJECTS: Final = _stems(
    r"""
    factura nomina recibo complemento carta nota anticipo cotizacion cfdi xml pdf qr sello certificado llave folio
    serie timbres timbre\b csd fiel firma\b efirma contrasena usuario permiso correo cliente receptor proveedor
    empleado producto articulo catalogo clave inventario almacen precio total subtotal iva ieps isr retencion tasa
    impuesto descuento moneda dolar addenda plantilla formato logo logotipo impresora ticket respaldo base servidor
    equipo computadora lap caja sucursal terminal licencia menu boton campo ventana modulo reporte portal pagina
    visor base\b rfc regimen domicilio codigo\s+postal uso\b metodo parcialidad saldo pago cancelacion acuse
    windows chrome edge excel erp sap antivirus internet puerto bascula lector predial donativo recursos version
    pedido curso corte lista xml donativo cuenta\b numero\s+de\s+serie arrendamiento honorarios programa
    """
)
# Too general to say which: they count only beside something else.
_GENERAL: Final = _split("factura programa timbre timbres pagina cliente ventana equipo correo")
_ACTIONS: Final = _stems(
    r"""
    timbr[aeo] cancel[aeo] factur[aeo](?!cion|s?\b) imprim guard[aeo]\w import[aeo]\w export[aeo]\w descarg baj[aeo]r
    bajarl instal actualiz agreg[aeou] captur carg(?:ar|ue|o) configur cotizar cambi[aeo] migrar? restaur respald
    recuper registr dar\s+de\s+(?:alta|baja) abrir abr[eo] envi[aeo]\w* mandar? entr(?:ar|o|e)\b conect
    gener(?:ar|an|o|a)\b
    ligar? relacion program(?:ar|e|o)\b complement(?:ar)\b buscar? busco copi[eao] poner pongo elegir escoger
    compr[eoa]\b pasar\b usar\b corregi oprimir desglos calcul
    """
)
_SYMPTOMS: Final = _stems(
    r"""
    blanco gris encimad duplic borr(?:o|aron|a)\b perdi\b perdio perdieron olvid bloque vencid[oa] vencio vence
    vencimiento
    caduc expir rechaz devolvi diferencia falta\w*\b cort(?:a|an|o)\b brinca se\s+cierra traba\b gir(?:a|ando)
    tarda danad
    salio\s+(?:a|con|sin) quedo\s+con en\s+lugar en\s+vez mal\s+el pendiente tiempo\s+de\s+espera mas\s+de\s+\d
    aparece\s+(?:un\s+momento|gris|cancelad|vigente) qued(?:o|an?|aron)\s+(?:como|en|pend) dej(?:o|aron)\s+de
    no\s+(?:(?:me|se|nos)\s+)?(?:llega|aparece|muestra|ven?\b|trae|genera|coincid|correspond|encuentro|cuadra|tiene|instala|conecta)
    no\s+(?:(?:me|se|nos)\s+)?(?:acepta|captura|refleja|carga\s+la|imprime\s+el|abre\s+el\s+progra|pasa\s+la|sale\s+el)
    sin\s+(?:el|la|su|iva|sello|logo|decir)\b
    """
)
_REQUEST: Final = re.compile(
    r"(?:¿|\b(?:como|donde|cuant[oa]s?|cual|que)\s+(?:se\s+)?"
    r"(?:hago|cancelo|agrego|pongo|pido|descargo|debo|puedo|regimen|rfc|tengo"
    r"|capturo|genero|saco|quito|configuro|campo|me\s+quedan|tarda)\b"
    r"|\b(?:quiero|quisiera|necesit\w+|ocup[oa]|solicit\w+|vamos\s+a|cambiar|se\s+puede|puedo\s+usar|nos\s+piden|me\s+pide)"
    r"\b)"
)
_SINCE: Final = re.compile(
    r"\b(?:desde|hoy|ayer|anoche|antier|hace\s+\w+|a\s+las\s+\d|\d{1,2}:\d{2}|\d{1,2}\s+de\s+[a-z]+|\d{1,2}/\d{1,2}"
    r"|lunes|martes|miercoles|jueves|viernes|sabado|domingo|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|septiembre|octubre|noviembre|diciembre|despues\s+de|al\s+actualizar|cuando\s+actualice|quincena|20\d\d)\b"
)
_CODE: Final = re.compile(
    r"\b(?:cfdi\s?\d{5}|crp\s?\d{5}|nom\d{2,3}|(?:error|codigo|pac|responde|clave)\W+\d{3,}|[a-z]{2,5}-\d{3,6}|\d{4,}"
    r"|0x[0-9a-f]+|\w+\.dll)\b"
)
_QUOTED: Final = re.compile(
    r"[«“\"'].{6,}[»”\"']|\bdice(?:\s+que)?\b\s*:?\s*\w+\s+\w+|\bmensaje\W+(?:de\s+que|:)\s*\w+", re.DOTALL
)
_WORD: Final = re.compile(r"[a-zñ0-9&]+")
_EMPTY_WORDS: Final = _split(
    """
    a ahi al algo alguien alo amable anda ante antes aparece apoyar apoyarme apoyenme apoyo aqui arreglen asesor asi
    asistencia asunto atencion atender atendio auxilio avanza avanzar ayer ayuda ayudame ayudan ayudar ayudarme
    ayudenme brevedad buen buena buenas bueno buenos bien caso celular clientes comente como comuniquenme con
    conectense
    consulta contesta continuar correo cosa cual cuando da de deja del desde despues detallito detalle dia dias dicho
    dijeron disculpe disculpen disponibles duda dudas e el ella en enojado entiendo entren equipo error errores es esa
    ese eso espera esperando esta estan estar este esto estoy factura facturacion facturas facturar falla fallan
    fallando fallas favor foto funciona funcionan funciono gracias ha haber hablar hace hacer hago hay hice hola hoy
    imagen incidencia incidente informacion ingeniera ingeniero intente jala jefe la las le les llamada llamar
    llamarme
    llamen lento llevo lo los luego manana mal manda mando marca marquenme mas me mensaje mi mis mismo molesto mucha
    muchas mucho muy nada nadie necesitamos necesito nececito ni no noche noches nos nuevamente o ocupo otra otro
    otros
    para pasa pasada pasando paso pero platicado poder podemos podria podrian por porfa porfavor porque presenta
    presento problema problemas problemita programa prueba pueda puede pueden puedo pues que queda quedo quiero raro
    reinicie reportar reporte reporto requiero resuelve respuesta revisar sabe saber sale saludos se semana ser
    servicio
    servidor si sido siempre sigue simplemente sin sirve sistema sistemas sobre solicito solo son soporte su sus tal
    tampoco tarde tardes te tecnico telefono tema tenemos tengo tenia test ticket tienen timbra timbrado timbran
    timbrar
    timbres toda todas todo todos trabajar traba tu tuve un una unos urge urgente urgentisimo ustedes usted van varias
    veces ventana ver vez viene y ya yo remota reviso abre carga cierra imprime hablan atiendan disculpa ingenieros
    """
)


def evidence(text: str) -> dict[str, int]:
    """What a text tells, by aspect, in points; the keys are ASPECTS."""
    plain = _plain(text)
    around = _CODE.sub(" ", plain)  # a code alone says what the program answered, not what was asked of it
    objects = {match.group() for match in _OBJECTS.finditer(around)}
    telling = objects - _GENERAL
    code = 2 if _CODE.search(plain) or _QUOTED.search(_unaccented(text)) else 0
    did = len({match.group() for match in _ACTIONS.finditer(around)})
    asked = 1 if _REQUEST.search(plain) else 0
    return {
        EXACT_MESSAGE: code + min(2, len({match.group()[:6] for match in _SYMPTOMS.finditer(plain)})),
        WHAT_YOU_DID: min(2, did) + asked,
        SINCE: 1 if _SINCE.search(plain) else 0,
        DOCUMENT: min(2, len(telling)) + (1 if objects - telling and not telling else 0),
    }


def lacks(text: str) -> list[str]:
    """The aspects of which a text says nothing, in the order in which one asks for them."""
    found = evidence(text)
    return [aspect for aspect in ASPECTS if not found[aspect]]


def missing(text: str) -> list[str]:
    """What a text that cannot be worked with lacks, in the order of ASPECTS; empty when it will do."""
    if is_clear(text):
        return []
    return lacks(text) or [EXACT_MESSAGE]


def is_clear(text: str) -> bool:
    """Whether somebody can begin with it."""
    if len(_telling(_CODE.sub(" ", _plain(text)))) >= _MANY_WORDS:
        return True
    found = evidence(text)
    about = found[DOCUMENT] + found[WHAT_YOU_DID]
    # When it began adds to what is known of the fault, and is nothing by itself.
    return about > 0 and about + found[EXACT_MESSAGE] >= ENOUGH - 1 and sum(found.values()) >= ENOUGH


def is_held(text: str, *, request_type: str, lessons: int) -> bool:
    """Whether the text is sent back to its writer: vague, no outage, and not yet taught twice."""
    return request_type != "system_down" and lessons < LESSONS and not is_clear(text)


def _telling(plain: str) -> set[str]:
    return {word for word in _WORD.findall(plain) if len(word) > 1 and word not in _EMPTY_WORDS}


def _plain(text: str) -> str:
    return " ".join(_unaccented(text).split())


_MARKS: Final = re.compile("[\u0300-\u036f]+")  # the accents of Latin letters, decomposed


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower().replace("ñ", "\0"))
    return _MARKS.sub("", decomposed).replace("\0", "ñ")
