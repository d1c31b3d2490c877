"""What clients of invoicing software ask about: subject, words, what is asked back, how it ends. All invented."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of case. `question` and `answer` are the exchange in the middle; places in braces are filled in."""

    request_type: str
    impact: str
    product: str
    subject: str
    description: str
    question: str
    answer: str
    solution: str
    method: str = ""

    @property
    def affects_operation(self) -> bool:
        return self.impact != "none"

    def filled(self, **places: object) -> Case:
        """The case with the same hour, numbers and version in all of its texts."""
        texts = ("subject", "description", "question", "answer", "solution")
        return replace(self, **{name: getattr(self, name).format(**places) for name in texts})


INVOICE_MX: Final = (
    Case(
        "system_down",
        "stopped",
        "escritorio",
        "No timbra ninguna factura: CFDI40147",
        "Desde las {hora} ninguna factura timbra. Al dar clic en Timbrar aparece «CFDI40147 – El campo "
        "DomicilioFiscalReceptor no corresponde». Probamos con tres clientes distintos y pasa igual.",
        "Ya revisé su XML. ¿Instalaron anoche la actualización 4.2.7? Parece que reemplazó su catálogo de clientes.",
        "Sí, la instaló el de sistemas como a las nueve de la noche.",
        "Se restauró el catálogo de clientes del respaldo del día anterior y se timbraron dos facturas de prueba.",
        "remote",
    ),
    Case(
        "system_down",
        "stopped",
        "escritorio",
        "Sistema caído: el servicio de timbrado no responde",
        "El programa abre, pero al timbrar se queda en «Conectando con el PAC» y después marca tiempo de espera "
        "agotado (error 503). Tenemos {n} facturas detenidas y los camiones cargados.",
        "Estoy conectado a su equipo. El antivirus bloqueó el puerto del servicio. ¿Me autoriza agregar la excepción?",
        "Adelante, el de sistemas ya está enterado.",
        "Se agregó la excepción en el antivirus, se reinició el servicio y salieron las {n} facturas pendientes.",
        "remote",
    ),
    Case(
        "operational_question",
        "partial",
        "escritorio",
        "Sello digital (CSD) vencido, ¿cómo lo reemplazo?",
        "Al timbrar dice «El certificado del emisor no está vigente». Ya tramitamos el nuevo CSD ante el SAT, pero "
        "no encontramos dónde cargarlo en la versión {version}.",
        "Es en Configuración › Emisores › Certificados. No mande el archivo .key ni la contraseña por aquí: "
        "cárguelos usted mismo y yo le acompaño. ¿Ya descargó el .cer?",
        "Listo, ya lo cargué y me aparece vigente hasta 2030.",
        "El cliente cargó su nuevo CSD con acompañamiento telefónico; se timbró la serie A sin error.",
        "phone",
    ),
    Case(
        "operational_question",
        "partial",
        "escritorio",
        "Nómina 1.2: {n} recibos rechazados al timbrar",
        "Al timbrar la nómina de la quincena se rechazan {n} recibos con «NOM132: el atributo RegistroPatronal debe "
        "existir». Los demás salieron bien. Hay que dispersar hoy a las 18:00.",
        "Los {n} rechazados son los de la sucursal nueva: les falta el registro patronal en su ficha. ¿Me confirma el número?",
        "Ya lo capturamos en las fichas, ¿los volvemos a mandar?",
        "Se completó el registro patronal de la sucursal y se retimbraron los {n} recibos antes de la dispersión.",
        "phone",
    ),
    Case(
        "operational_question",
        "none",
        "escritorio",
        "Complemento de pago no muestra el saldo anterior",
        "Al hacer el complemento de la segunda parcialidad de la factura A-{folio}, el saldo anterior sale en cero y "
        "no deja continuar.",
        "¿La primera parcialidad se registró desde el módulo de pagos o se importó del XML?",
        "La importamos del XML, porque ese pago se hizo en la otra computadora.",
        "Se relacionó el XML de la primera parcialidad con su factura; el saldo anterior ya aparece.",
    ),
    Case(
        "usage_guidance",
        "none",
        "escritorio",
        "Cancelación con motivo 02 rechazada por el receptor",
        "Cancelamos la factura A-{folio} con motivo 02 y el receptor la rechazó en su buzón. ¿Qué procede si el "
        "importe está mal?",
        "¿El error es solo del importe o también cambia el receptor?",
        "Solo el importe, se capturó con un cero de más.",
        "Se explicó el camino: emitir la correcta, relacionarla con 04 y cancelar con motivo 01. El cliente lo hizo en línea.",
    ),
    Case(
        "operational_question",
        "partial",
        "conector-erp",
        "Conector ERP no jala los pedidos desde ayer",
        "El conector dejó de traer pedidos del ERP; en la bitácora dice «401 Unauthorized» cada cinco minutos desde "
        "las {hora}. Estamos capturando a mano.",
        "Su ERP cambió la contraseña del usuario de integración. ¿Quién administra ese usuario con ustedes?",
        "Sistemas ya generó una nueva y la capturó en el conector.",
        "Con la nueva credencial se reanudó la sincronización y entraron los pedidos atrasados.",
    ),
    Case(
        "operational_question",
        "none",
        "nube",
        "No llegan los correos con el XML al cliente",
        "Timbramos bien, pero el receptor no recibe el correo con PDF y XML desde el lunes. En la bandeja de "
        "salida aparecen como enviados.",
        "Revisé el registro: el servidor de su cliente los rechaza por falta de SPF en su dominio. ¿Quién maneja su DNS?",
        "Nuestro proveedor de página. Ya le pedí que agregue el registro que nos mandó.",
        "Con el registro SPF en su dominio los correos se entregan; se reenviaron los cuatro pendientes.",
    ),
    Case(
        "operational_question",
        "none",
        "escritorio",
        "Complemento Carta Porte 3.1: falta IdCCP",
        "Al timbrar el traslado marca «CP118: el atributo IdCCP no cumple el patrón». Usamos la versión {version}.",
        "Esa clave la genera la 4.2.7 en adelante. ¿Pueden actualizar hoy por la tarde?",
        "Sí, a las 17:00 dejamos de facturar y actualizamos.",
        "Se actualizó a 4.2.7 y el traslado timbró con su IdCCP.",
        "remote",
    ),
    Case(
        "usage_guidance",
        "none",
        "nube",
        "Factura global: periodicidad no válida para régimen 621",
        "Al hacer la factura global mensual dice que la periodicidad no es válida. Somos régimen 621 y siempre la "
        "hemos hecho bimestral.",
        "En 4.0 la periodicidad 05 es la bimestral y solo aplica a su régimen. ¿Qué clave le aparece seleccionada?",
        "Aparecía la 04. Ya la cambié a 05.",
        "Con la periodicidad 05 la factura global se timbró correctamente.",
    ),
    Case(
        "operational_question",
        "none",
        "escritorio",
        "RFC del receptor no existe en la lista de inscritos",
        "Un cliente nuevo nos dio su constancia, pero al timbrar aparece «CFDI40143: el RFC del receptor no se "
        "encuentra en la lista del SAT».",
        "¿Podría mandarnos el RFC tal como viene en la constancia? A veces se captura la O como cero.",
        "Tenía razón, era un cero.",
        "Se corrigió el RFC capturado y la factura salió.",
    ),
    Case(
        "customization",
        "none",
        "escritorio",
        "Addenda de cadena comercial: nodo duplicado",
        "La cadena nos rechaza las facturas porque la addenda trae dos veces el nodo «requestForPayment». Antes del "
        "cambio de versión no pasaba.",
        "Le pedí a desarrollo revisar la plantilla. ¿Nos comparte el PDF con el rechazo de la cadena?",
        "Va el rechazo. Nos dan hasta el viernes para corregir.",
        "Desarrollo corrigió la plantilla de la addenda; la cadena aceptó las tres facturas de prueba.",
    ),
    Case(
        "remote_configuration",
        "none",
        "escritorio",
        "Instalar en la computadora nueva de facturación",
        "Cambiamos la computadora de facturación y queremos pasar el programa con sus folios y certificados.",
        "Lo hacemos de manera remota en unos 40 minutos. ¿Le queda bien mañana a las 10:00?",
        "Sí, a las 10:00 está perfecto.",
        "Se instaló en el equipo nuevo, se migraron folios y catálogos y se probó con una factura.",
        "remote",
    ),
    Case(
        "training",
        "none",
        "nube",
        "Capacitación para dos personas de cobranza",
        "Entraron dos personas a cobranza y queremos que aprendan complementos de pago y notas de crédito.",
        "Tenemos sesión remota de dos horas. ¿Prefieren jueves o viernes por la mañana?",
        "El jueves a las 11:00, por favor.",
        "Se dio la capacitación remota de dos horas; quedaron con el material y los ejercicios.",
        "remote",
    ),
    Case(
        "new_project",
        "none",
        "conector-erp",
        "Cotizar conector con nuestro ERP",
        "Queremos que nuestro ERP mande las facturas directo, sin recapturar. Son unas {n} al día en dos sucursales.",
        "Con gusto lo cotizamos. ¿Qué ERP y versión usan, y tiene servicio web?",
        "Les mando la ficha técnica que nos dio el proveedor.",
        "Se entregó la cotización del conector y quedó agendada la presentación con Ventas.",
    ),
    Case(
        "installation",
        "none",
        "escritorio",
        "Activar el módulo de comercio exterior",
        "Vamos a exportar por primera vez y necesitamos activar el complemento de comercio exterior 2.0.",
        "Ya está incluido en su licencia, solo falta activarlo. ¿Tiene a la mano su número de exportador?",
        "No lo tenemos todavía, lo tramita la agencia aduanal.",
        "Se activó el módulo y se explicó qué datos pedirá la agencia; el número se captura después.",
        "phone",
    ),
    Case(
        "operational_question",
        "partial",
        "escritorio",
        "Los timbres comprados el jueves no aparecen en el saldo",
        "Pagamos un paquete de timbres el jueves y el saldo sigue en {n}. A este paso no llegamos al viernes.",
        "Ya localicé su pago. ¿Me confirma con qué RFC de la empresa quiere que se abonen?",
        "Con el de siempre, el de la factura anterior.",
        "Los timbres quedaron abonados y el saldo ya se ve en el programa.",
    ),
    Case(
        "usage_guidance",
        "none",
        "nube",
        "¿Cómo relaciono una nota de crédito con varias facturas?",
        "Un cliente devolvió mercancía de tres facturas y quiere una sola nota de crédito. No encuentro cómo "
        "relacionar las tres.",
        "En la nota, pestaña Relacionados, puede agregar varios UUID con la clave 01. ¿Ya lo intentó ahí?",
        "No había visto la pestaña, ya quedaron las tres.",
        "La nota de crédito se timbró con las tres facturas relacionadas.",
    ),
    Case(
        "unsure",
        "none",
        "",
        "El SAT nos pide aclarar facturas duplicadas",
        "Nos llegó un aviso del buzón tributario por dos facturas con el mismo importe. No sabemos si es del programa "
        "o si nosotros timbramos dos veces.",
        "¿Nos comparte los dos UUID? Con eso vemos en la bitácora a qué hora salió cada una.",
        "Son los que vienen en el aviso, se los pego aquí abajo.",
        "La segunda salió por un doble clic con el internet lento; se canceló con motivo 02 y se explicó la aclaración.",
    ),
    Case(
        "operational_question",
        "partial",
        "escritorio",
        "Pantalla en blanco al abrir el módulo de facturas",
        "Al abrir Facturas la pantalla queda en blanco; los demás módulos abren. Empezó hoy a las {hora} después de "
        "una actualización de Windows.",
        "Voy a pedirle una sesión remota para reparar el componente de reportes. ¿Puede abrirla ahora?",
        "Sí, ya le paso la clave por teléfono.",
        "Se reparó el componente de reportes de Windows y el módulo abre con normalidad.",
        "remote",
    ),
)

FACTURANDO: Final = (
    Case(
        "operational_question",
        "partial",
        "emisor-escritorio",
        "No puedo timbrar: «La cadena original no corresponde»",
        "Desde las {hora} cada factura me marca «CFDI40102: el sello no corresponde». Uso Emisor Escritorio {version}.",
        "¿Cambiaste de certificado hace poco? Ese mensaje sale cuando el .cer y la llave no son pareja.",
        "Sí, ayer subí el nuevo. Creo que subí la llave vieja.",
        "Cargaste el par correcto de certificado y llave; la factura de prueba salió sin error.",
    ),
    Case(
        "usage_guidance",
        "none",
        "emisor-web",
        "¿Cómo agrego la leyenda de retención de IVA?",
        "Facturo honorarios y mi cliente me pide que se vea la retención de dos terceras partes del IVA.",
        "En el concepto, abre Impuestos y elige Retención IVA 0.106666. ¿Tu cliente es persona moral?",
        "Sí, es una empresa. Ya me aparece la retención.",
        "La factura quedó con su retención de IVA y el total correcto.",
    ),
    Case(
        "operational_question",
        "none",
        "nomina",
        "El recibo de nómina sale con antigüedad incorrecta",
        "En Recibos de Nómina {version} la antigüedad sale como P{n}W y debería ser mayor; lo vi en tres personas.",
        "¿La fecha de ingreso en la ficha es la original o la del reingreso?",
        "Tenía la del reingreso. Ya la corregí.",
        "Con la fecha de ingreso correcta los recibos muestran bien la antigüedad.",
    ),
    Case(
        "operational_question",
        "partial",
        "emisor-web",
        "No me llega el acuse de cancelación",
        "Cancelé la factura {folio} ayer y sigue «En proceso». Mi cliente ya la aceptó en su buzón.",
        "El SAT está tardando en responder. ¿Me pasas el UUID para consultarlo directo?",
        "Te lo dejo aquí. Lo necesito para mi cierre.",
        "El SAT la reporta como cancelada; se descargó el acuse y quedó guardado en tu cuenta.",
    ),
    Case(
        "usage_guidance",
        "none",
        "emisor-escritorio",
        "Cambiar el logotipo de mis facturas",
        "Renovamos imagen y quiero cambiar el logo en el PDF; el nuevo se ve estirado.",
        "Conviene que sea PNG de 600 × 200. ¿Cuánto mide el tuyo?",
        "Era cuadrado; ya lo exporté a esa medida y se ve bien.",
        "El nuevo logotipo se ve correcto en el PDF.",
    ),
    Case(
        "remote_configuration",
        "none",
        "emisor-escritorio",
        "Pasar el programa a otra computadora",
        "Compré una laptop y quiero seguir con mis folios y clientes ahí.",
        "Te ayudo por enlace remoto; tiene un costo adicional. ¿Estás de acuerdo?",
        "Sí, de acuerdo. ¿Puede ser hoy a las 16:00?",
        "Se pasó el programa con folios, clientes y certificados; timbraste una factura de prueba.",
        "remote",
    ),
    Case(
        "operational_question",
        "none",
        "emisor-web",
        "Factura al extranjero: código postal del receptor",
        "Le facturo a una empresa de Texas y me pide código postal de México para el receptor.",
        "Con el RFC genérico XEXX010101000 va el código postal de tu propio domicilio fiscal. ¿Lo probaste así?",
        "Con el mío sí me dejó.",
        "La factura al extranjero salió con tu código postal como domicilio del receptor.",
    ),
    Case(
        "usage_guidance",
        "none",
        "nomina",
        "¿Cómo timbro el aguinaldo aparte?",
        "Quiero timbrar el aguinaldo como nómina extraordinaria y no veo la opción.",
        "Es en Nueva nómina › Tipo E. ¿Ya tienes calculada la parte exenta?",
        "Sí, son treinta UMA. Ya lo timbré.",
        "Timbraste el aguinaldo como nómina extraordinaria con su parte exenta.",
    ),
    Case(
        "system_down",
        "stopped",
        "emisor-web",
        "No abre la página para facturar",
        "Desde las {hora} la página se queda cargando y no puedo entrar a facturar. Probé en Chrome y en Firefox.",
        "Ya lo vimos: una actualización dejó fuera a algunas cuentas. Estamos en ello, te aviso en cuanto quede.",
        "Gracias, quedo pendiente. Tengo clientes esperando.",
        "Se revirtió la actualización; tu cuenta entra con normalidad.",
    ),
    Case(
        "training",
        "none",
        "emisor-escritorio",
        "Curso para mi nueva auxiliar",
        "Entró una auxiliar y quiero que aprenda complementos de pago con ejemplos.",
        "Tenemos una sesión por chat con pantalla compartida los miércoles. ¿Le queda a tu auxiliar este miércoles a las 10:00?",
        "Sí, la apunto.",
        "Tu auxiliar tomó la sesión y quedó con los ejemplos.",
    ),
)
