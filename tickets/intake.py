"""What a report brings, however it came in: plain values, the same from form, phone, mail and API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clients.models import Branch, Client, Contact
from desks.models import Product
from files.models import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A report as the door understood it. Instants are aware; texts are as the person typed them.

    `client` is set only where the door knows who is asking (signed in, or staff who chose):
    an RFC typed by anybody else is a proposal. `lessons` says how often the writer was already
    told that the text is too vague. The three instants belong to a call registered afterwards.
    """

    request_type: str
    affects_operation: bool
    subject: str
    description: str
    name: str
    # Who asks, where that is known; else it is whoever the addresses stand for.
    requester: Contact | None = None
    email: str = ""
    phone: str = ""
    channel: str = "web"
    impact: str = ""
    product: Product | None = None
    product_version: str = ""
    support_method: str = ""
    client: Client | None = None
    client_rfc: str = ""
    branch: Branch | None = None
    deadline_at: datetime | None = None
    deadline_kind: str = ""
    files: tuple[Attachment, ...] = ()
    intake_key: UUID | None = None
    lessons: int = 0
    # *Necesito a mi ejecutivo* (InvoiceMX manual, "Cuándo solicitar soporte").
    wants_executive: bool = False
    occurred_at: datetime | None = None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    solution: str = ""
    # Who attended the call, when somebody else writes it down.
    attended_by: int | None = None
    # The outage that the client says it is: *sí, es esto*.
    outage: int | None = None
    # A case that we open ourselves; nobody outside is told of it.
    ours: bool = False
    # What the notice of its opening quotes, where we opened it from something that they wrote.
    quote: str = ""

    @property
    def is_registered_afterwards(self) -> bool:
        """A call that was already solved when it was written down (InvoiceMX manual, "Fuera de Oficina" 5)."""
        return self.resolved_at is not None
