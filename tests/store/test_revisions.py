"""The schema's revisions are told by their files' names, since asking Alembic costs every start a tenth of a second."""

from alembic.script import ScriptDirectory

from helpdesk.store import schema


def test_the_newest_file_is_the_revision_that_alembic_climbs_to() -> None:
    steps = ScriptDirectory(str(schema.MIGRATIONS))
    assert schema.newest() == steps.get_current_head()
    assert schema._known() == {step.revision for step in steps.walk_revisions()}
