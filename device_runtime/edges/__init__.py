"""The edges: sessions, addresses, breakers, and who is asked where one fails or is overdue."""
