"""The desks' share of the API: calendars and rotas."""
