"""When: business calendars, business time, holidays, rotas, the routing rule and timers. Knows nothing of desks."""
