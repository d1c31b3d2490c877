"""Who the clients of the demo are. Companies, people, addresses and telephones are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stdnum.mx import rfc as stdnum_rfc

PASSWORD: Final = "demo-timbre-2026"  # noqa: S105 - of invented people, where DEMO=1 only


@dataclass(frozen=True, slots=True)
class Person:
    """A contact: the companies are indexes into the desk's list; `signs_in` has an account."""

    name: str
    email: str
    phone: str
    companies: tuple[int, ...]
    signs_in: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """A client: `rfc` lacks its check digit, which is reckoned."""

    name: str
    legal_name: str
    stem: str
    regimen: str = "601"
    postal_code: str = "50000"
    branches: tuple[str, ...] = ()

    @property
    def rfc(self) -> str:
        return self.stem + str(stdnum_rfc.calc_check_digit(self.stem))


INVOICE_MX: Final = (
    Company("Ferretería La Norteña", "Ferretería La Norteña SA de CV", "FNO180312KX", branches=("Centro", "Metepec")),
    Company("Laboratorios Clínicos Axis", "Laboratorios Clínicos Axis SA de CV", "LCA150904T7"),
    Company("Distribuidora de Papel Toluca", "Distribuidora de Papel Toluca SA de CV", "DPT990817QU"),
    Company(
        "Transportes Lerma Express", "Transportes Lerma Express SA de CV", "TLE070521LB", branches=("Patio Lerma",)
    ),
    Company("Muebles Santa Clara", "Muebles Santa Clara SA de CV", "MSC120215JH"),
    Company("Grupo Textil Matlatzinca", "Grupo Textil Matlatzinca SA de CV", "GTM110630NA"),
    Company("Refaccionaria Nevado", "Refaccionaria Nevado SA de CV", "RNE140611TQ"),
    Company("Óptica Rivadeneyra", "Horacio Gómez Marín", "GOMH840226RA", regimen="612"),
    Company("Alimentos Cacalomacán", "Alimentos Cacalomacán SA de CV", "ACA031119P4"),
    Company("Panificadora El Trigal", "Panificadora El Trigal SA de CV", "PTR160705M2"),
    Company("Constructora Xinantécatl", "Constructora Xinantécatl SA de CV", "CXI090428V1"),
    Company("Agroinsumos del Valle", "Agroinsumos del Valle SPR de RL", "AVA130909H6"),
    Company("Clínica Dental Sonríe", "Clínica Dental Sonríe SC", "CDS171023B5"),
    Company(
        "Hotel Los Portales", "Operadora Los Portales SA de CV", "OPO010613G3", branches=("Recepción", "Banquetes")
    ),
)
PEOPLE_INVOICE_MX: Final = (
    # Una contadora con cuatro empresas: en /inicio/ elige cuál mira.
    Person("Rosa Medina", "rosa.medina@lanortena.example", "722 555 0198", (0, 6, 9, 12), signs_in=True),
    Person("Octavio Luna", "octavio.luna@axis.example", "722 555 0161", (1,), signs_in=True),
    Person("Beatriz Salas", "beatriz.salas@papeltoluca.example", "722 555 0162", (2,)),
    Person("Efrén Carmona", "efren.carmona@lermaexpress.example", "722 555 0163", (3,)),
    Person("Nadia Castañeda", "nadia.castaneda@santaclara.example", "722 555 0164", (4,)),
    Person("Ulises Prado", "ulises.prado@matlatzinca.example", "722 555 0165", (5,)),
    Person("Horacio Gómez", "horacio.gomez@rivadeneyra.example", "722 555 0166", (7,)),
    Person("Lourdes Mejía", "lourdes.mejia@cacalomacan.example", "722 555 0167", (8,)),
    Person("Ramiro Estévez", "ramiro.estevez@xinantecatl.example", "722 555 0168", (10,)),
    Person("Irene Valdez", "irene.valdez@agroinsumos.example", "722 555 0169", (11,)),
    Person("Joaquín Tovar", "joaquin.tovar@portales.example", "722 555 0170", (13,)),
    # Sin correo: todo se le avisa por teléfono.
    Person("Jesús Almaraz", "", "722 555 0171", (3,)),
)

FACTURANDO: Final = (
    Company("Café Jacaranda", "Café Jacaranda SA de CV", "CJA190205R8", postal_code="03100"),
    Company("Estudio Contable Rivas", "Estudio Contable Rivas SC", "ECR140318T5", postal_code="06700"),
    Company("Veterinaria Colibrí", "Veterinaria Colibrí SA de CV", "VCO170622N9", postal_code="04100"),
    Company("Imprenta Alameda", "Imprenta Alameda SA de CV", "IAL080911D4", postal_code="06050"),
    Company("Mensajería Quetzal", "Mensajería Quetzal SA de CV", "MQU150127F7", postal_code="07300"),
    Company("Ferretería La Norteña", "Ferretería La Norteña SA de CV", "FNO180312KX", postal_code="50000"),
)
PEOPLE_FACTURANDO: Final = (
    Person("Mariana Rivas", "mariana.rivas@contablerivas.example", "55 5555 0151", (0, 1, 2), signs_in=True),
    Person("Emilio Sandoval", "emilio.sandoval@alameda.example", "55 5555 0152", (3,), signs_in=True),
    Person("Gabriela Ponce", "gabriela.ponce@quetzal.example", "55 5555 0153", (4,)),
    Person("Rosa Medina", "rosa.medina@lanortena.example", "722 555 0198", (5,)),
)
