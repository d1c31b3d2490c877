"""What both desks of the demo have written down: articles on errors that clients meet, with versions and answers of readers.

The texts are ours; what they say of the tax office's rules holds in 2026 (CFDI 4.0, payments 2.0, cancelling since 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from clients import actors
from core.actor import Actor
from desks import queries as desk_queries
from desks.models import Desk, Product
from knowledge import actions
from knowledge.actions import Content
from knowledge.models import Article, Audience
from tickets import actions as ticket_actions
from tickets import lifecycle
from tickets.models import Ticket

PUBLIC: Final = Audience.PUBLIC
INTERNAL: Final = Audience.INTERNAL


@dataclass(frozen=True, slots=True)
class Text:
    """An article of the demo. `first` is how it was before it was mended; `subject` begins that of its tickets."""

    title: str
    body: str
    audience: str = PUBLIC
    product: str = ""
    versions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    first: str = ""
    note: str = ""
    subject: str = ""
    days_ago: int = 60
    answers: tuple[int, int] = (0, 0)
    published: bool = True


DOMICILE: Final = Text(
    "CFDI40147 y CFDI40148: el domicilio fiscal del receptor no coincide",
    """## Qué pasa

El SAT compara el código postal del receptor con el que tiene registrado para ese RFC. Si no es el mismo, la factura se rechaza con
`CFDI40147` o `CFDI40148`. La factura no se timbró y no gastó timbre.

## Cómo se resuelve

1. Pedir al cliente su **constancia de situación fiscal** reciente.
2. Copiar de ahí el código postal del *domicilio fiscal*, el RFC y el nombre tal como vienen, sin «SA de CV».
3. Corregirlos en el catálogo de clientes, no solo en la factura, para que no se repita.
4. Timbrar otra vez.

> El domicilio de entrega o de la sucursal no cuenta: va el domicilio fiscal.

Con el RFC genérico `XAXX010101000` o `XEXX010101000` el código postal es el de quien factura, el mismo del lugar de expedición.""",
    first="""## Qué pasa

La factura se rechaza con `CFDI40147`.

## Cómo se resuelve

Corregir el código postal del cliente y timbrar otra vez.""",
    note="Con el paso de la constancia y los RFC genéricos",
    answers=(11, 2),
    days_ago=74,
)
REGIME: Final = Text(
    "CFDI40157 y CFDI40158: el régimen fiscal del receptor no corresponde",
    """## Qué pasa

El régimen que lleva la factura no es de los que aplican al receptor: por ejemplo, 601 (personas morales) con el RFC de una
persona física, o un régimen que el SAT no le tiene registrado.

## Cómo se resuelve

1. Ver los renglones de *Regímenes* en la **constancia de situación fiscal** del receptor.
2. Elegir en la factura uno de ellos. Los más comunes: **601** general de personas morales, **612** actividades
   empresariales y profesionales, **626** RESICO, **605** sueldos, **616** sin obligaciones fiscales.
3. Revisar que el *uso de CFDI* sea válido para ese régimen: con 605 y 616 casi siempre es `S01`, o un gasto personal deducible `D…`.
4. Timbrar otra vez.

Con `XAXX010101000` y `XEXX010101000` el régimen es 616 y el uso `S01`.""",
    answers=(6, 1),
    days_ago=66,
)
LIST_OF_RFC: Final = Text(
    "CFDI40143: el RFC del receptor no está en la lista del SAT",
    """## Qué pasa

El RFC que se capturó no existe entre los inscritos y no cancelados. Casi siempre es un dedazo: una **O** por un cero, una
**I** por un uno, o falta la homoclave.

## Cómo se resuelve

1. Copiar el RFC de la constancia de situación fiscal, no teclearlo.
2. Si está bien escrito, validarlo en el portal del SAT, en *Consulta de claves de RFC*.
3. Si ahí tampoco existe, el cliente tiene que aclararlo con el SAT. Mientras tanto no se le puede facturar con ese RFC.""",
    subject="RFC del receptor no existe",
    answers=(4, 0),
    days_ago=41,
)
UNCLASSIFIED: Final = Text(
    "CRP20999: error no clasificado en el complemento de pago",
    """## Qué pasa

`CRP20999` no dice qué falló: el SAT lo usa para lo que no tiene clave propia. Lo que hemos encontrado, en orden:

1. El **saldo anterior** menos lo pagado no da el **saldo insoluto**, por centavos.
2. Los **impuestos del pago** no son la proporción de los de la factura, o faltan cuando la factura los tiene (*objeto de
   impuesto* `02`).
3. La **moneda**: si el pago y la factura están en la misma, la equivalencia es `1`; si no, va con seis a diez decimales.
4. El **UUID** de la factura relacionada está mal copiado, o la factura es PUE y no lleva complemento.

## Qué hacer

Revisar esos cuatro puntos en el complemento y timbrar otra vez. Si sigue igual, adjunte al reporte el XML del complemento y los de las
facturas que paga; no hace falta ninguna contraseña.""",
    codes=("CFDI40999",),
    subject="Complemento de pago",
    answers=(5, 3),
    days_ago=35,
)
EXPIRED_SEAL: Final = Text(
    "Certificado de sello digital (CSD) vencido o revocado: errores 304 y 305 del PAC",
    """## Qué pasa

- **PAC 304**: el certificado está revocado o ya caducó.
- **PAC 305**: la fecha de la factura queda fuera de la vigencia del certificado.

Un CSD dura cuatro años y no avisa. También se restringe por incumplimientos ante el SAT; eso llega al buzón tributario.

## Cómo se resuelve

1. En el portal del SAT, entrar a *Certifica* con la **e.firma vigente**, generar la solicitud y enviarla. Suele quedar el mismo día.
2. Descargar el archivo `.cer` nuevo y cargarlo en el programa con su llave. **No envíe la llave ni su contraseña a nadie**, tampoco a
   nosotros: se cargan en su propio equipo.
3. Hacer una factura de prueba. Un certificado nuevo puede tardar hasta 24 horas en aparecer en la lista del SAT.

Si lo restringieron, primero hay que presentar la aclaración; mientras dura, el SAT permite facturar.""",
    codes=("PAC 304", "PAC 305"),
    subject="Sello digital (CSD) vencido",
    answers=(9, 1),
    days_ago=52,
)
CANCELLING: Final = Text(
    "Cancelar una factura: motivos, aceptación del receptor y plazos",
    """## Con qué motivo

- **01** con errores y con relación: primero se emite la correcta, relacionada con `04`, y se escribe su UUID.
- **02** con errores y sin relación.
- **03** no se llevó a cabo la operación.
- **04** operación que estaba en una factura global.

## Cuándo hace falta que el receptor acepte

Tiene **tres días hábiles**; si no contesta, se da por aceptada. No hace falta, entre otros casos:

- hasta $1,000 de total;
- dentro del día hábil siguiente al de su expedición;
- recibos de nómina, notas de crédito y traslados;
- con RFC genérico, nacional o extranjero.

## Hasta cuándo

A más tardar en el mes en que se presenta la declaración anual del año en que se emitió: marzo para personas morales, abril para
personas físicas.

## Si la rechaza

La factura sigue vigente. Lo usual es hablar con el receptor y volver a enviarla; si solo estaba mal el importe, a veces basta una
nota de crédito.""",
    subject="Cancelación con motivo 02",
    answers=(8, 2),
    days_ago=48,
)
NO_STAMPS: Final = Text(
    "No timbra porque se acabaron los timbres",
    """## Qué pasa

El programa abre y deja capturar, pero al timbrar avisa que no hay saldo. Las facturas capturadas no se pierden.

## Cómo se resuelve

1. Ver el saldo en *Configuración › Timbres*. Si hay varios RFC, revisar que la factura sea del RFC que tiene el saldo.
2. Si es cero, pedir más en la página de la mesa, en *Pedir timbres*. Los pedidos se atienden en días hábiles: conviene hacerlo con
   dos de anticipación.
3. Ya pagado, el saldo se actualiza solo; basta con cerrar y abrir el programa.

Si pagó y el saldo no cambia, levante un reporte con el comprobante.""",
    subject="Los timbres comprados",
    answers=(3, 1),
    days_ago=30,
)
CATALOGUE: Final = Text(
    "Receta: la 4.2.7 reemplaza el catálogo de clientes (CFDI40147 con todos)",
    """Si **todas** las facturas dan `CFDI40147` desde que se instaló la 4.2.7, no es la constancia: la actualización pisó el catálogo.

1. Confirmar la versión en *Ayuda › Acerca de*.
2. Respaldar `clientes.dat` **antes** de tocar nada.
3. Restaurar el respaldo del día anterior (`\\respaldos\\AAAA-MM-DD`).
4. Timbrar dos facturas de prueba con receptores distintos.

Desarrollo lo corrige en la 4.2.8. No la ofrezca como fecha: todavía no la hay.""",
    audience=INTERNAL,
    product="escritorio",
    versions=("4.2.7",),
    subject="No timbra ninguna factura: CFDI40147",
    days_ago=20,
)
ANTIVIRUS: Final = Text(
    "Error 503 al timbrar: revisar el antivirus antes que al PAC",
    """Antes de llamar al PAC: página de estado, y timbrar desde otro equipo de la misma red. Si solo falla uno, es local.

- Excepción para el ejecutable y el puerto 443 saliente.
- Hora del equipo: con más de cinco minutos de diferencia también falla.

Falta: capturas con el antivirus nuevo.""",
    audience=INTERNAL,
    product="escritorio",
    published=False,
    days_ago=6,
)

SEAL_OF_ANOTHER: Final = Text(
    "CFDI40102: el sello no corresponde",
    """## Qué pasa

El sello de la factura no se puede comprobar con el certificado que lleva. Casi siempre el `.cer` y la llave no son pareja: se cargó
el certificado nuevo con la llave anterior.

## Cómo se resuelve

1. Buscar en el equipo el par que se descargó el mismo día: un `.cer` y un `.key` con el mismo nombre.
2. Cargarlos juntos en *Configuración › Certificados*.
3. Hacer una factura de prueba.

Si no aparece la llave, hay que tramitar otro certificado: el SAT no la guarda. No envíe la llave por chat ni por correo.""",
    codes=("PAC 302", "PAC 303"),
    subject="No puedo timbrar",
    answers=(7, 1),
    days_ago=57,
)
SEVENTY_TWO: Final = Text(
    "Error 401 del PAC: la fecha está fuera de rango (72 horas)",
    """## Qué pasa

Entre la hora de la factura y la del timbrado no pueden pasar más de **72 horas**, y la fecha no puede ser posterior a la actual.

## Cómo se resuelve

1. Revisar la fecha, la hora y la **zona horaria** del equipo; en la frontera y en Quintana Roo es otra que en el centro.
2. Si la factura esperó más de tres días, duplicarla con la fecha de hoy.
3. Timbrar otra vez.""",
    codes=("PAC 401",),
    answers=(3, 0),
    days_ago=38,
)
TARIFF: Final = Text(
    "Qué contestar cuando preguntan por el enlace remoto",
    """El enlace remoto y el teléfono tienen costo aparte: **se dice antes** y se espera el sí por escrito en el chat.

- Primero ofrecer la guía paso a paso por chat, que no cuesta.
- Con el sí, usar *Costos* en el ticket: queda el registro.""",
    audience=INTERNAL,
    days_ago=44,
)

SHELVES: Final = {
    "invoice-mx": (
        *(DOMICILE, REGIME, LIST_OF_RFC, UNCLASSIFIED, EXPIRED_SEAL, CANCELLING, NO_STAMPS),
        *(CATALOGUE, ANTIVIRUS),
    ),
    "facturando": (DOMICILE, CANCELLING, SEAL_OF_ANOTHER, SEVENTY_TWO, TARIFF),
}
MOST_TICKETS: Final = 3


def fill(desk: Desk, *, now: datetime) -> int:
    """Write the articles of a desk, each on its day; return how many. The tickets behind them are there already."""
    config = desk_queries.config(desk)
    people = User.objects.in_bulk([member.user_id for member in config.members])
    writers = [actors.actor_for(people[member.user_id]) for member in config.with_role("consultant")]
    bosses = config.with_role("supervisor") or config.with_role("manager")
    boss = actors.actor_for(people[bosses[0].user_id])
    products = {product.slug: product for product in Product.objects.filter(vendor_id=desk.vendor_id)}
    for n, text in enumerate(SHELVES[desk.slug]):
        at = now - timedelta(days=text.days_ago, hours=n)
        article = _write(desk, text, products, writer=writers[n % len(writers)], boss=boss, at=at)
        if n == 0 and len(writers) > 1:
            keeper = writers[1].user_id or 0
            actions.hand_over(article, by=boss, now=at + timedelta(days=20), owner=keeper)
    return len(SHELVES[desk.slug])


def _write(
    desk: Desk, text: Text, products: dict[str, Product], *, writer: Actor, boss: Actor, at: datetime
) -> Article:
    article = actions.create(desk, _content(text, text.first or text.body, products), by=writer, now=at)
    if text.published:
        article = actions.publish(article, by=boss, now=at + timedelta(hours=3), number=1)
    if text.first:
        soon = at + timedelta(days=2)
        content = _content(text, text.body, products)
        article = actions.edit(article, content, by=writer, now=soon, base=1, note=text.note)
        article = actions.publish(article, by=boss, now=soon + timedelta(hours=1), number=2)
    for n in range(sum(text.answers)):
        actions.vote(article, voter=f"demo/{n}", helped=n < text.answers[0], now=at + timedelta(days=4, hours=n))
    if text.subject:
        _back(desk, article, text.subject, writer=writer)
    return article


def _content(text: Text, body: str, products: dict[str, Product]) -> Content:
    return Content(text.title, body, text.audience, products.get(text.product), text.versions, text.codes)


def _back(desk: Desk, article: Article, subject: str, *, writer: Actor) -> None:
    """Let tickets that were solved by it stand behind the article, right after they were."""
    solved = Ticket.objects.filter(desk=desk, subject__startswith=subject, status__in=sorted(lifecycle.SETTLED))
    for ticket in solved.filter(article__isnull=True).order_by("-id")[:MOST_TICKETS]:
        ticket_actions.back_article(ticket, by=writer, now=ticket.last_activity_at, article=article)
