"""Fiscal documents as programs write them, with invented companies; and files made to hurt who reads them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

UUID = "6128396F-C09B-4EC6-8699-43C5F7E3B230"
STAMP = (
    '<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1" '
    f'UUID="{UUID}" FechaTimbrado="2026-11-17T10:05:31" RfcProvCertif="SAT970701NN3" SelloCFD="x" SelloSAT="y"/>'
)
PAYMENTS = (
    '<pago20:Pagos xmlns:pago20="http://www.sat.gob.mx/Pagos20" Version="2.0">'
    '<pago20:Totales MontoTotalPagos="5800.00"/><pago20:Pago FechaPago="2026-11-16T12:00:00" Monto="5800.00"/>'
    "</pago20:Pagos>"
)
PAYROLL = '<nomina12:Nomina xmlns:nomina12="http://www.sat.gob.mx/nomina12" Version="1.2" TotalPercepciones="9800.00"/>'
FREIGHT = '<cartaporte31:CartaPorte xmlns:cartaporte31="http://www.sat.gob.mx/CartaPorte31" Version="3.1"/>'


def cfdi(
    *inside: str,
    version: str = "4.0",
    kind: str = "I",
    total: str = "1160.00",
    issuer: str = "FNO180312KX1",
    receiver: str = "MSC120215JH5",
    encoding: str = "UTF-8",
    head: str = "",
) -> bytes:
    """A document with these complements."""
    space = f"http://www.sat.gob.mx/cfd/{version[0]}"
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{head}'
        f'<cfdi:Comprobante xmlns:cfdi="{space}" Version="{version}" Serie="A" Folio="1042" '
        f'Fecha="2026-11-17T10:02:11" Moneda="MXN" Total="{total}" TipoDeComprobante="{kind}" '
        f'NoCertificado="30001000000500003416">'
        f'<cfdi:Emisor Rfc="{issuer}" Nombre="FERRETERIA LA NORTEÑA" RegimenFiscal="601"/>'
        f'<cfdi:Receptor Rfc="{receiver}" Nombre="MUEBLES SANTA CLARA" UsoCFDI="G03"/>'
        f"<cfdi:Complemento>{''.join(inside)}</cfdi:Complemento></cfdi:Comprobante>"
    )
    return text.encode(encoding)


def zipped(*contents: bytes, names: tuple[str, ...] = ()) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, content in enumerate(contents):
            archive.writestr(names[n] if names else f"factura-{n}.xml", content)
    return packed.getvalue()


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE l [<!ENTITY l0 "ja">{_LAUGHS}]>'
QUADRATIC = f'<!DOCTYPE q [<!ENTITY a "{"a" * 100_000}">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

HOSTILE = {
    "billion laughs": cfdi("&l9;", head=LAUGHS),
    "quadratic blow-up": cfdi("&a;" * 10_000, head=QUADRATIC),
    "external entity": cfdi("&x;", head=EXTERNAL),
    "document type alone": cfdi(head="<!DOCTYPE x>"),
    "deep nesting": cfdi("<a>" * 5000 + "</a>" * 5000),
    "endless elements": cfdi("<a/>" * 60_000),
    "cut in the middle": cfdi(STAMP)[:-40],
    "not XML": b"\x00\x01\x02 nada",
    "empty": b"",
    "another XML": b'<?xml version="1.0"?><nota><de>Rosa</de></nota>',
    "CFDI 3.2": cfdi(version="3.3").replace(b'Version="3.3"', b'version="3.2"'),
    "version and name space disagree": cfdi(version="4.0").replace(b'Version="4.0"', b'Version="3.3"'),
    "unknown encoding": cfdi().replace(b"UTF-8", b"x-klingon"),
    "declares UTF-16, is none": cfdi().replace(b"UTF-8", b"UTF-16"),
    "too large": cfdi(f"<!--{'x' * 2_200_000}-->"),
    "zip without XML": zipped(b"hola", names=("leeme.txt",)),
    "zip bomb": zipped(b"<a>" + b" " * 30_000_000),
    "many bombs": zipped(*[b"<a>" + b" " * 1_500_000] * 40),
    "zip that is cut": zipped(cfdi(STAMP))[:-30],
    "zip within a zip": zipped(zipped(cfdi(STAMP)), names=("dentro.zip",)),
    "zip with rubbish inside": b"PK\x03\x04" + b"\xff" * 500,
}


# ------------------------------------------------------------------ certificates

NUMBER = "30001000000500003416"
_KEY = ec.generate_private_key(ec.SECP256R1())


def certificate_of(
    rfc: str,
    *,
    branch: str = "Matriz",
    until: datetime = datetime(2027, 3, 5, 18, 30, tzinfo=UTC),
    number: str = NUMBER,
    pem: bool = False,
) -> bytes:
    """A certificate with the fields that the tax office writes; signed by nobody in particular."""
    fields = [x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, rfc), x509.NameAttribute(NameOID.COMMON_NAME, "X")]
    if branch:
        fields.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, branch))
    name = x509.Name(fields)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_KEY.public_key())
        .serial_number(int.from_bytes(number.encode(), "big"))
        .not_valid_before(until - timedelta(days=4 * 365))
        .not_valid_after(until)
        .sign(_KEY, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM if pem else Encoding.DER)
