import pytest
from tests.factories import *
from tickets import queries
from tickets.queries import board
@pytest.mark.django_db
def test_it():
    c = Cast()
    t = c.ticket()
    print(t.number, t.status, t.assignee, t.lane, t.priority, t.sort_due_at)
    a = actor(c.ada)
    print(queries.conversation(t, a), queries.timeline(t,a), queries.clocks(t), queries.ladder(t), queries.related(t,a))
    for e in queries.timeline(t,a): print(e.type, e.public, e.data)
    print(board.view_counts([c.desk.pk], user_id=c.ada.pk, now=OFFICE))
    print(board.page(board.Wanted(desk_ids=(c.desk.pk,)), actor=a, now=OFFICE))
    print(board.page(board.Wanted(desk_ids=(c.desk.pk,), words="timbra CFDI4"), actor=a, now=OFFICE))
    t = c.ticket(now=NIGHT, request_type="system_down")
    print(t.number, t.status, t.assignee, t.lane, t.priority, t.sort_due_at)
    for e in queries.timeline(t,a): print(e.type, e.public, e.data)
    print(queries.ladder(t))
