"""Run the cron job with its commits, during a flood and with a locked record."""

import json

# A module that extends the addon waits for a lock that is never released. The hits of
# one recipient fill the queue before the hits of another recipient.
SCRIPT = """
import json, logging
from odoo.addons.pipeline_tracking.models.receiving import trackable_hit_process

logging.disable(logging.CRITICAL)

trackable = env["trackable.email"].search([], limit=1)
other = trackable.copy({"recipient_key": "other", "mail_message_id": 0})
insert = '''
    INSERT INTO trackable_hit (trackable_email_id, occurred_at, method, ip,
                               ip_subscriber, user_agent, purpose)
    SELECT %s, now() AT TIME ZONE 'UTC' - interval '1 hour', 'GET', '', '', %s || n, ''
      FROM generate_series(1, %s) n
'''
env.cr.execute(insert, [trackable.id, "Bad/", 1])
env.cr.execute(insert, [trackable.id, "Mozilla/5.0 (X11; Linux) Firefox/", 600])
env.cr.execute(insert, [other.id, "Mozilla/5.0 (X11; Linux) Firefox/", 1])
env.cr.commit()

Hit = env.registry["trackable.hit"]
prepare_facts, process_batch = Hit._prepare_facts, Hit._process_batch
batches = []

def want_lock(hit):
    if hit.user_agent.startswith("Bad/"):
        hit.env.cr.execute(
            "SELECT FROM res_partner WHERE id = %s FOR UPDATE NOWAIT", [PARTNER])
    return prepare_facts(hit)

def watch(hits, *args):
    result = process_batch(hits, *args)
    batches.append(result[0])
    return result

PARTNER = env.ref("base.partner_admin").id
Hit._prepare_facts, Hit._process_batch = want_lock, watch
with env.registry.cursor() as holder:
    holder.execute("SELECT FROM res_partner WHERE id = %s FOR UPDATE", [PARTNER])
    cron = env["trackable.hit"]._get_cron()
    cron.method_direct_trigger()
env.cr.rollback()  # start a new snapshot, to see the commits of the job
print(json.dumps({
    "failures": cron.failure_count,
    "active": cron.active,
    "other": other.open_count,
    "recorded": sum(trackable.action_ids.mapped("hit_count")),
    "errors": env["trackable.hit"].search([]).mapped("error"),
    "largest": max(batches),
    "bound": trackable_hit_process.MAX_HITS_OF_EMAIL,
}))
"""


def test_flood_and_lock_do_not_stop_the_job(odoo):
    result = json.loads(odoo.shell(SCRIPT).splitlines()[-1])
    assert (result["failures"], result["active"]) == (0, True)
    assert result["other"] == 1
    assert result["recorded"] == 600
    (error,) = result["errors"]
    assert error.startswith("LockNotAvailable")
    assert result["largest"] <= result["bound"] + 1
