"""Tables of the ticket, a file per noun."""

from tickets.models.appointment import Appointment
from tickets.models.attention import AgendaFeed, Attention, Outcome, PriceConsent
from tickets.models.bulk import BulkChange, BulkItem
from tickets.models.callnote import CallNote
from tickets.models.canned import CannedAnswer, CannedFile
from tickets.models.checklist import ChecklistItem
from tickets.models.clock import Clock, ClockKind, ClockRun
from tickets.models.code import TicketCode
from tickets.models.counts import QueueDelta
from tickets.models.draft import Contents, Draft, DraftFile
from tickets.models.escalation import Escalation, EscalationNotice, EscalationRung
from tickets.models.event import TicketEvent
from tickets.models.handover import Handover, HandoverAsk
from tickets.models.link import LinkKind, TicketLink
from tickets.models.macro import Macro
from tickets.models.message import Message, MessageFile
from tickets.models.moved import MovedTicket
from tickets.models.outage import Outage
from tickets.models.reminder import Reminder
from tickets.models.savedview import SavedView
from tickets.models.search import DeskWord, TicketSearch, WordsRead
from tickets.models.split import Split, SplitMessage
from tickets.models.tally import Tally
from tickets.models.telltask import TellTask
from tickets.models.thirdparty import ThirdParty
from tickets.models.ticket import NEVER, Ticket
from tickets.models.timeentry import TimeEntry
from tickets.models.upload import Upload
from tickets.models.watcher import Watcher

__all__ = [
    "NEVER",
    "AgendaFeed",
    "Appointment",
    "Attention",
    "BulkChange",
    "BulkItem",
    "CallNote",
    "CannedAnswer",
    "CannedFile",
    "ChecklistItem",
    "Clock",
    "ClockKind",
    "ClockRun",
    "Contents",
    "DeskWord",
    "Draft",
    "DraftFile",
    "Escalation",
    "EscalationNotice",
    "EscalationRung",
    "Handover",
    "HandoverAsk",
    "LinkKind",
    "Macro",
    "Message",
    "MessageFile",
    "MovedTicket",
    "Outage",
    "Outcome",
    "PriceConsent",
    "QueueDelta",
    "Reminder",
    "SavedView",
    "Split",
    "SplitMessage",
    "Tally",
    "TellTask",
    "ThirdParty",
    "Ticket",
    "TicketCode",
    "TicketEvent",
    "TicketLink",
    "TicketSearch",
    "TimeEntry",
    "Upload",
    "Watcher",
    "WordsRead",
]
