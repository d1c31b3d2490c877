"""What would happen to a report: lane, person, priority, due instants, ladder, and why.

The pure rule is `schedules.routing`; here it is asked with a desk's rows. `open_ticket`, the call
`POST desks/{slug}/route/`, the form's side card and the simulator all go through `plan`.
"""
