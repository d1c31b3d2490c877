"""Passwords and private keys that people write openly, found in Spanish text. Pure.

A label (`contraseña`, `clave`, `pass`, CIEC, NIP …), what it is of, a sign that the value comes (`:`, `=`,
`es`), and the value. After a colon nearly anything is a value; after `es` it must not be prose
(`la contraseña es incorrecta`); without a sign it must look like a secret. `tests/core/passwords.txt`
holds the written examples on which this is measured: when in doubt it catches, since what was caught
in vain can still be read in the vault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

PASSWORD: Final = "password"  # noqa: S105 - a kind
KEY: Final = "key"
# What stays in the place of what was found, by its kind.
MARKS: Final = {
    PASSWORD: "[contraseña guardada en la bóveda]",
    KEY: "[llave privada guardada en la bóveda]",
}
MARK_END: Final = "en la bóveda]"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a secret stands in the text."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Caught:
    """The text with marks in place of the secrets, and the lines in which they stood, as they were."""

    text: str
    lines: tuple[str, ...] = field(default=(), repr=False)
    kinds: tuple[str, ...] = ()


def caught(text: str) -> Caught:
    """Take the secrets out of a text; the same text where there are none. What was marked stays as it is."""
    found = find(text)
    if not found:
        return Caught(text)
    pieces, lines, last = [], [], 0
    for secret in found:
        pieces += [text[last : secret.start], MARKS[secret.kind]]
        last = secret.end
        line = _line(text, secret)
        if line not in lines:
            lines.append(line)
    return Caught("".join([*pieces, text[last:]]), tuple(lines), tuple(dict.fromkeys(s.kind for s in found)))


def masked(text: str) -> str:
    """The text with marks in place of the secrets."""
    return caught(text).text


def find(text: str) -> list[Found]:
    """Every secret of the text, in order and apart from each other."""
    if not _TRIGGER.search(text):
        return []
    found: list[Found] = []
    for secret in sorted(_all(text), key=lambda one: (one.start, -one.end)):
        if not found or secret.start >= found[-1].end:
            found.append(secret)
        elif secret.end > found[-1].end:  # two rules saw parts of one thing
            found[-1] = Found(found[-1].start, secret.end, found[-1].kind)
    return found


def _all(text: str) -> Iterator[Found]:
    for block in _PEM.finditer(text):
        yield Found(block.start(), block.end(), KEY)
    for address in _IN_URL.finditer(text):
        yield Found(address.start("secret"), address.end("secret"), PASSWORD)
    for pair in _PAIR.finditer(text):
        yield from _of_pair(text, pair)
    for label in _LABEL.finditer(text):
        yield from _of_label(text, label)


# ------------------------------------------------------------------ one label, one value

_STRONG: Final = r"contrase(?:ñ|n\u0303|ni|n)as?|contras?e[ñn]a|pass?words?|passwd|passphrase|pass|psw|pwd|ciecf?|nip"
_LABEL: Final = re.compile(
    rf"(?<![\w@./-])(?P<strong>{_STRONG}|pin)(?![\w@])|(?<![\w@./-])(?P<weak>claves?)(?!\w)", re.I
)
_TRIGGER: Final = re.compile(r"contra|pass|psw|pwd|ciec|\bnip\b|\bpin\b|clave|acceso|credencial|PRIVATE KEY|://", re.I)

# Whose or of what the password is: `de la llave privada`, `para el portal del SAT`.
_OF_WORDS: Final = """
    de del la el los las mi mis su sus tu tus para en al a y o actual nueva nuevo temporal provisional usuario
    usuarios portal sistema sat fiel e.firma efirma firma electronica llave llaves privada certificado certificados
    csd sello sellos digital digitales correo email mail pac acceso ciec cuenta equipo servidor anydesk teamviewer
    escritorio remoto wifi red base datos bd sql admin administrador administradora facturacion timbrado archivo key
    .key pfx .pfx p12 cliente empresa rfc web pagina sesion windows vpn ftp router imss idse infonavit buzon
    tributario contribuyente nomina contpaqi aspel sae programa plataforma entrada seguridad maestra root siguiente
"""
_OF: Final = frozenset(_OF_WORDS.split())
# With these `clave` means a password; with those of _NO_SECRET it is a code of the catalogues.
_OPENS_WORDS: Final = """
    acceso ciec fiel e.firma efirma firma privada llave portal usuario certificado csd sello sellos correo wifi
    anydesk teamviewer sistema secreta contribuyente servidor vpn cuenta key .key equipo windows sesion root maestra
    sat entrada plataforma programa seguridad
"""
_OPENS: Final = frozenset(_OPENS_WORDS.split())
_NO_SECRET: Final = re.compile(
    r"producto|servicio|unidad|prodserv|rastreo|cat[aá]logo|r[eé]gimen|uso de|error|interbancaria|clabe|impuesto"
    r"|moneda|pa[ií]s|forma de pago|m[eé]todo de pago|percepci|deducci|presupuest|elector|catastral|p[uú]blica|aduan"
    r"|pedimento|art[ií]culo|almac[eé]n|sucursal|proveedor|banco|material|confirmaci|entidad|estado|municipio"
    r"|concepto|partida|exportaci",
    re.I,
)
_SIGN: Final = re.compile(r"\s*(?:[:=→]|[-=]>|\s[-–—]\s)\s*(?:\n\s*)?")
_IS: Final = re.compile(
    r"\s+(?:es|son|era|is|ser[aá]|sigue siendo|qued[oó](?: como| en)?|queda(?: como)?|seguir[aá] siendo|cambi[oó] a)"
    r"(?:\s+(?:la siguiente|[eé]sta|esta|el siguiente))?\s*:?\s+",
    re.I,
)
_WORD: Final = re.compile(r"[ \t]+\(?([\wñáéíóúü.&-]+)\)?", re.I)
_QUOTED: Final = re.compile(r"[\"“«'‘`]\s*([^\"”»'’`\n]{1,80}?)\s*[\"”»'’`]")
_TOKEN: Final = re.compile(r"\S{1,200}")
_NEXT: Final = re.compile(r"[ \t]+")
_CLAUSE_END: Final = re.compile(r"\s*(?:[.,;!]|$|\n)")
_MOST_WORDS: Final = 9


def _of_label(text: str, label: re.Match[str]) -> Iterator[Found]:
    """What comes after a label, if it is a secret."""
    words, at = _qualifiers(text, label.end())
    weak = label.group("weak") is not None
    if weak and not _means_password(text, label, words):
        return
    if sign := _SIGN.match(text, at):
        value = _after_sign(text, sign.end(), short=_is_short(label))
    elif verb := _IS.match(text, at):
        value = _after_is(text, verb.end())
    elif words and words[-1] == "es":  # `es` read as whose it is
        value = None
    else:
        value = _bare(text, at) if not weak else None
    if value is not None:
        start, end = value
        yield Found(start, start + len(text[start:end].rstrip(",;")), PASSWORD)  # what goes on is no part of it


def _is_short(label: re.Match[str]) -> bool:
    """NIP and PIN are also words of other trades: their value is a number."""
    return label.group().casefold() in {"nip", "pin"}


def _qualifiers(text: str, at: int) -> tuple[list[str], int]:
    """The words of what it is, right behind the label, and where they end."""
    words: list[str] = []
    while len(words) < _MOST_WORDS and (word := _WORD.match(text, at)):
        plain = _plain(word.group(1))
        if plain.strip(".") not in _OF and plain not in _OF and not _RFC.fullmatch(word.group(1)):
            break
        words.append(plain)
        at = word.end()
    return words, at


def _means_password(text: str, label: re.Match[str], words: list[str]) -> bool:
    start = text.rfind("\n", 0, label.start()) + 1
    around = text[max(start, label.start() - 30) : label.end() + 40].split("\n")[0]
    if any(word in _OPENS for word in words):
        return not re.search(r"producto|unidad|servicio", around, re.I)
    return not _NO_SECRET.search(around)


def _after_sign(text: str, at: int, *, short: bool) -> tuple[int, int] | None:
    """After a colon: what is quoted, else the word, else all the few words if one of them looks like a secret."""
    if quoted := _QUOTED.match(text, at):
        return None if _is_prose(quoted.group(1), strict=False) and " " in quoted.group(1) else quoted.span()
    first = _TOKEN.match(text, at)
    if first is None or _is_no_value(first.group()) or (short and not first.group()[0].isdigit()):
        return None
    rest = re.match(r"[^\n,;]*", text[at : at + 120])
    tokens = rest.group().split() if rest else []
    if 1 < len(tokens) <= 3 and any(_looks_secret(token) for token in tokens[1:]) and not _is_label_next(tokens[1:]):
        return at, at + len(rest.group().rstrip())  # type: ignore[union-attr]  # tokens come from it
    return first.span()


def _is_label_next(tokens: list[str]) -> bool:
    return any(_LABEL.search(token) or _USER.search(token) for token in tokens)


def _after_is(text: str, at: int) -> tuple[int, int] | None:
    """After `es`: what is quoted, what looks like a secret, or one last word that is no adjective."""
    if quoted := _QUOTED.match(text, at):
        return quoted.span()
    first = _TOKEN.match(text, at)
    if first is None or _is_no_value(first.group()):
        return None
    word = first.group()
    if _looks_secret(word):
        return first.span()
    ends = _CLAUSE_END.match(text, first.end()) or word[-1] in ".,;!"
    if ends and len(word.strip(".,;!")) >= 4 and not _is_prose(word, strict=True):
        return first.span()
    return None


def _bare(text: str, at: int) -> tuple[int, int] | None:
    """Right behind the label without any sign: letters and digits together, or digits enough."""
    first = _NEXT.match(text, at)
    first = _TOKEN.match(text, first.end()) if first else None
    if first is None or _is_no_value(first.group()):
        return None
    if quoted := _QUOTED.match(text, first.start()):
        return quoted.span() if _looks_secret(quoted.group(1)) else None
    word = first.group().strip(".,;:()\"'")
    mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word) and len(word) >= 6
    strange = bool(re.search(r"[!#$%*+=?@^&_]", word)) and any(c.isalnum() for c in word) and len(word) >= 6
    if "@" in word and "." in word.partition("@")[2]:
        return None
    return first.span() if mixed or strange or re.fullmatch(r"\d{5,12}", word) else None


# ------------------------------------------------------------------ user and password together

_USER: Final = re.compile(r"\b(?:usuarios?|users?|usr|login)\b", re.I)
_PAIR: Final = re.compile(
    rf"(?<!\w)(?:(?:usuarios?|users?|usr|login|correo)\s*(?:/|y|and|&|\+|-)\s*(?:{_STRONG}|claves?)"
    r"|(?:mis |sus |los |las )?(?:datos de acceso|accesos?|credenciales|claves de acceso))"
    r"(?:[ \t]+(?:de|del|al|a|la|el|para|portal|sistema|sat|pac|es|son|correo|anydesk|equipo|servidor))*"
    r"[ \t]*(?:[:=]|(?<=son)|(?<=es))[ \t]*(?:\n[ \t]*)?(?P<rest>[^\n]{3,120})",
    re.I,
)


def _of_pair(text: str, pair: re.Match[str]) -> Iterator[Found]:
    """`usuario/contraseña: rosa / Abc123`: what looks like a secret, and all up to it."""
    rest = pair.group("rest")
    if _LABEL.search(rest):  # the value has a label of its own
        return
    tokens = list(_TOKEN.finditer(rest))[:6]
    real = [token for token in tokens if token.group() not in {"/", "-", "|", "y", "e", ","}]
    parts = re.split(r"\s*[/|,]\s*|\s+y\s+|\s+", rest.strip())
    secret = [token for token in real if _looks_secret(token.group())]
    slashed = len(parts) == 2 and "/" in rest and not any(_is_no_value(part) for part in parts)
    if (len(parts) >= 2 and secret and len(real) <= 6 and not _is_no_value(real[0].group())) or slashed:
        last = secret[-1] if secret else real[-1]
        start = pair.start("rest")
        yield Found(start, start + last.end(), PASSWORD)


# ------------------------------------------------------------------ keys, addresses

_PEM: Final = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:[\s\S]{0,20000}?-----END (?:[A-Z]+ )?PRIVATE KEY-----|[\s\S]*)"
)
_IN_URL: Final = re.compile(r"\b[a-z][a-z+]{1,9}://[^\s/:@]{1,80}:(?P<secret>[^\s/@]{1,80})@", re.I)

# ------------------------------------------------------------------ what a value is

_RFC: Final = re.compile(r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}", re.I)
_CODE: Final = re.compile(
    r"(?:CFDI|CRP|NOM|CP|CCE|PAC|ERR|E|HTTP|SAT)[-_ ]?\d{2,6}|\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:hrs?)?"
    r"|\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[\w-]+\.(?:xml|pdf|zip|cer|key|pfx|p12|exe|jpg|png|docx?|xlsx?|txt|mx|com)|(?-i:[A-Z]{2,5}-\d{1,6})|20\d\d|v?\d+(?:\.\d+)+",
    re.I,
)
_NOTHING_WORDS: Final = """
    a al algo alguna alguno ambas ambos aqui asi aun cada como con cual cuando da de del desde donde e el ella ellos
    en entre era es esa ese eso esta estan este esto fue ha han hay incluso junto la las le les lo los mas me mi mia
    mis muy n/a na ni ninguna no nos nuestra nueva o otra para pendiente pero por porque pues que quien quiero se si
    sigue sin siempre sobre solo su sus tambien tampoco te tiene tengo todavia tu un una unas uno unos usted ver vez
    y ya yo the is incorrecta incorrecto invalida invalido erronea erroneo vencida vencido caducada caducado
    expirada expirado expirado obligatoria obligatorio requerida requerido correcta correcto equivocada equivocado
    bloqueada bloqueado olvidada olvidado vacia vacio desconocida desconocido mismo misma igual mayusculas
    minusculas adjunto adjunta favor gracias required invalid incorrect expired wrong none null opcional
    confidencial personal privada privado secreta secreto segura seguro debil fuerte larga largo corta corto valida
    valido temporal provisional distinta diferente necesaria demasiado bien mal aquella aquel nuestro suya tuya mio
    suyo campo error alfanumerica sensible unica unico restablecida cambiada guardada recuperar cambiar modificar
    actualizar restablecer anterior actual minimo maximo longitud caracteres intento intentos usuario contrasena
    password clave
"""
_NOTHING: Final = frozenset(_NOTHING_WORDS.split())
_ADJECTIVE: Final = re.compile(r"(?:ad|id|ibl|abl|ori|iv|ent|ient|ant|os|al|ic)(?:o|a|e|os|as|es)?$|mente$|ción$", re.I)


def _plain(word: str) -> str:
    table = str.maketrans("áéíóúü", "aeiouu")
    return word.casefold().translate(table)


def _is_no_value(token: str) -> bool:
    """Words of prose, blotted values, codes, addresses, and marks of our own."""
    bare = token.strip(".,;:!?¿¡()[]\"'“”«»…")
    if (
        not bare
        or re.fullmatch(r"[*•xX_.\-…?]+", token.strip())
        or token.startswith(("[contraseña", "[llave", "[archivo"))
    ):
        return True
    if _plain(bare) in _NOTHING or _CODE.fullmatch(bare) or _LABEL.fullmatch(bare):
        return True
    return bare.casefold().startswith(("http://", "https://", "www."))


def _looks_secret(token: str) -> bool:
    """Whether no word of prose is written so: a digit or sign inside, or capitals where none belong."""
    bare = token.strip(".,;:()\"'“”«»¿¡")
    if len(bare) < 4 or _is_no_value(bare) or _RFC.fullmatch(bare):
        return False
    if "@" in bare and "." in bare.partition("@")[2]:
        return False
    signs = re.search(r"[0-9!#$%&*+=?@^_]", bare)
    capitals = re.search(r"[a-zñáéíóú][A-ZÑ]", bare)
    return bool(signs or capitals)


def _is_prose(word: str, *, strict: bool) -> bool:
    bare = _plain(word.strip(".,;:!?()"))
    first = bare.split(" ")[0]
    return first in _NOTHING or (strict and bool(_ADJECTIVE.search(bare)))


def _line(text: str, secret: Found) -> str:
    """The whole lines in which it stands: what is around it says what it opens."""
    start = text.rfind("\n", 0, secret.start) + 1
    end = text.find("\n", secret.end)
    line = text[start : end if end >= 0 else len(text)].strip()
    return line if len(line) <= 4000 else text[max(start, secret.start - 200) : secret.end]
