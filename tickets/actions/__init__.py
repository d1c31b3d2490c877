"""What can be done to a ticket: one function per verb of the contract.

Each takes the ticket, `by` (the actor) and `now`, checks, changes the rows, writes timeline and
outbox in one transaction and returns the fresh ticket. The listing of this folder tells the story.
"""

from tickets.actions.appointments import schedule
from tickets.actions.articles import back_article, make_article
from tickets.actions.assigning import assign, take
from tickets.actions.attentions import begin, record_attention
from tickets.actions.classifying import ask_executive, executive_answered
from tickets.actions.escalation import acknowledge, escalate
from tickets.actions.followup import follow_up
from tickets.actions.hushing import silence_ladder, unsilence_ladder
from tickets.actions.identifying import identify
from tickets.actions.intake import open_ticket
from tickets.actions.merging import merge, unmerge
from tickets.actions.messages import add_message
from tickets.actions.outages import declare_outage, end_outage, join_outage, leave_outage
from tickets.actions.progress import contest, defer, reclassify, resume, wait, wait_third_party
from tickets.actions.resolution import cancel, close, confirm, reopen, resolve
from tickets.actions.telltasks import tick

__all__ = [
    "acknowledge",
    "add_message",
    "ask_executive",
    "assign",
    "back_article",
    "begin",
    "cancel",
    "close",
    "confirm",
    "contest",
    "declare_outage",
    "defer",
    "end_outage",
    "escalate",
    "executive_answered",
    "follow_up",
    "identify",
    "join_outage",
    "leave_outage",
    "make_article",
    "merge",
    "open_ticket",
    "reclassify",
    "record_attention",
    "reopen",
    "resolve",
    "resume",
    "schedule",
    "silence_ladder",
    "take",
    "tick",
    "unmerge",
    "unsilence_ladder",
    "wait",
    "wait_third_party",
]
