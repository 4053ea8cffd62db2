"""routing_rules.yaml: from its text to the one frozen value that the desk decides under.

    text ─ yamltree (nodes that know their line) ─ grammar, rulegrammar (what may stand where) ─ building ─▶ Rules

`building.load_rules` is the way in; `ruleset` has the values that the rest of the desk reads, `conditions` and
`actions` what a rule asks and does, `sample` a mail an admin tests the rules with, `reference` and `schema` the
grammar as a manual and as a JSON schema.
"""
