"""Catalogues of the tax office that an invoice names: Annex 20, catCFDI 4.0. Codes with their Spanish names."""

from __future__ import annotations

from typing import Final

REGIMENES: Final = {
    "601": "General de Ley Personas Morales",
    "603": "Personas Morales con Fines no Lucrativos",
    "605": "Sueldos y Salarios e Ingresos Asimilados a Salarios",
    "606": "Arrendamiento",
    "607": "Régimen de Enajenación o Adquisición de Bienes",
    "608": "Demás ingresos",
    "610": "Residentes en el Extranjero sin Establecimiento Permanente en México",
    "611": "Ingresos por Dividendos (socios y accionistas)",
    "612": "Personas Físicas con Actividades Empresariales y Profesionales",
    "614": "Ingresos por intereses",
    "615": "Régimen de los ingresos por obtención de premios",
    "616": "Sin obligaciones fiscales",
    "620": "Sociedades Cooperativas de Producción que optan por diferir sus ingresos",
    "621": "Incorporación Fiscal",
    "622": "Actividades Agrícolas, Ganaderas, Silvícolas y Pesqueras",
    "623": "Opcional para Grupos de Sociedades",
    "624": "Coordinados",
    "625": "Régimen de las Actividades Empresariales con ingresos a través de Plataformas Tecnológicas",
    "626": "Régimen Simplificado de Confianza",
}
# Which of them a company may have (12 characters), and which a person (13).
OF_COMPANIES: Final = frozenset({"601", "603", "610", "620", "622", "623", "624", "626"})
OF_PEOPLE: Final = frozenset(
    {"605", "606", "607", "608", "610", "611", "612", "614", "615", "616", "621", "625", "626"}
)
CFDI_USES: Final = {
    "G01": "Adquisición de mercancías",
    "G03": "Gastos en general",
    "I04": "Equipo de computo y accesorios",
    "I08": "Otra maquinaria y equipo",
    "S01": "Sin efectos fiscales",
}
PAYMENT_FORMS: Final = {
    "01": "Efectivo",
    "02": "Cheque nominativo",
    "03": "Transferencia electrónica de fondos",
    "04": "Tarjeta de crédito",
    "28": "Tarjeta de débito",
    "99": "Por definir",
}
PAYMENT_METHODS: Final = {"PUE": "Pago en una sola exhibición", "PPD": "Pago en parcialidades o diferido"}


def choices(catalogue: dict[str, str]) -> list[tuple[str, str]]:
    """As a select shows them: `601 · General de Ley Personas Morales`."""
    return [(code, f"{code} · {name}") for code, name in catalogue.items()]
