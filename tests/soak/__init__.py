"""The soak: random mails, kills, cuts and freezes from a seed, then three ledgers that must agree."""
