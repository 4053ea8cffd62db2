"""Memory: the tables, the one door to them, and the questions asked of them. The only SQL in the house.

Functions here take a session that `unit_of_work` opened and never commit. Rows stay in this room and in
the services that write them; the core sees snapshots and values (DESIGN, "Who owns what").
"""
