"""The REST doors of tickets: parse, authorise, call an action or a query, render (contract, section 1)."""
