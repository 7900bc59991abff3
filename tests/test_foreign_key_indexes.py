"""Each foreign key of the addon has an index, for deletions of referenced records."""

from odoo.tests import tagged

from .common import TrackingCase

# Odoo adds these columns to each table without an index: they refer to users, which
# Odoo rarely deletes.
OF_ODOO = ("create_uid", "write_uid")
UNINDEXED = """
SELECT constrained.conrelid::regclass::text AS name, attribute.attname
  FROM pg_constraint AS constrained
  JOIN pg_attribute AS attribute
    ON attribute.attrelid = constrained.conrelid
   AND attribute.attnum = constrained.conkey[1]
 WHERE constrained.contype = 'f' AND constrained.conrelid = ANY(%s::regclass[])
   AND attribute.attname != ALL(%s)
   AND NOT EXISTS (
        SELECT FROM pg_index
         WHERE indrelid = constrained.conrelid AND indisvalid
           AND indkey[0] = constrained.conkey[1]
           AND (indpred IS NULL
                OR pg_get_expr(indpred, indrelid)
                   = format('(%%I IS NOT NULL)', attribute.attname)))
 ORDER BY 1, 2
"""


@tagged("post_install", "-at_install")
class TestIndexes(TrackingCase):
    def find_unindexed(self):
        """Find the foreign keys of the addon that no index begins with.

        Wizards are exempt, because Odoo deletes their rows within hours.

        :return: the table and the column of each foreign key
        :rtype: list[tuple[str, str]]
        """
        tables = set()
        for model in self.env.values():
            if model._original_module != "pipeline_tracking" or model._transient:
                continue
            if model._auto and not model._abstract:
                tables.add(model._table)
            tables |= {
                field.relation
                for field in model._fields.values()
                if field.type == "many2many" and field.store
            }
        self.assertIn("trackable_email_action", tables)
        self.env.cr.execute(UNINDEXED, [sorted(tables), list(OF_ODOO)])
        return self.env.cr.fetchall()

    def test_every_foreign_key_has_an_index(self):
        self.assertEqual(self.find_unindexed(), [])

    def test_the_check_finds_a_missing_index(self):
        self.env.cr.execute("DROP INDEX trackable_email_action__user_id_index")
        self.assertIn(("trackable_email_action", "user_id"), self.find_unindexed())
