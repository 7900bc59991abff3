"""Make eight weeks of tracked emails for the demo's lists and reports.

`odoo shell` runs this file, and provides ``env``. A fixed seed makes the same emails
each time; the dates count back from today.
"""

import random
from datetime import datetime, time, timedelta

WEEKS = 8
EMAILS = 140
SUBJECTS = ("Our offer", "After our call", "The new price list", "Dates for a visit")
LINKS = (
    ("Our offer", "https://www.example.com/offer"),
    ("Price list", "https://www.example.com/prices"),
    ("Choose a time", "https://www.example.com/meeting"),
)
# Weights of opens by weekday (Monday first) and by hour.
WEEKDAYS = (4, 12, 6, 6, 2, 0, 0)
HOURS = (*(0,) * 6, 1, 4, 15, 14, 7, 3, 2, 4, 9, 6, 3, 2, 1, 1, 0, 0, 0, 0)


def make(env, dice):
    users = env.ref("base.user_admin") | env.ref("base.user_demo")
    leads = env["crm.lead"].search([("partner_id.email", "!=", False)])
    # The demo's customer gets no old emails: their chatter shows the new email.
    leads_of_admin = leads.filtered(lambda lead: lead.user_id == users[0])
    customer = leads_of_admin.sorted("id").partner_id[:1]
    leads -= leads.filtered(lambda lead: lead.partner_id == customer)
    templates = env["mail.template"].create(
        [
            {
                "name": name,
                "model_id": env["ir.model"]._get_id("crm.lead"),
                "subject": name,
            }
            for name in SUBJECTS[:2]
        ]
    )
    actions = env["trackable.email.action"]
    for _number in range(EMAILS):
        lead, user = dice.choice(leads), dice.choice(users)
        subject = dice.randrange(len(SUBJECTS))
        email, links = send(
            env,
            lead,
            user,
            SUBJECTS[subject],
            templates[subject : subject + 1],
            moment(dice, timedelta(weeks=WEEKS)),
        )
        actions |= read(dice, email, links)
    emails = actions.trackable_email_id
    emails._recompute_counters(actions)
    emails.notice_at = False  # no notifications about the past
    # Otherwise OdooBot opens a chat at the first login, which covers a phone's screen.
    env["res.users"].search([("share", "=", False)]).odoobot_state = "disabled"


def moment(dice, back):
    """Choose a time in the past at which people work.

    :param timedelta back: the maximal age
    :rtype: datetime
    """
    day = datetime.combine(datetime.now().date(), time())
    weights = [WEEKDAYS[(day - timedelta(days=n)).weekday()] for n in range(back.days)]
    (days,) = dice.choices(range(back.days), weights)
    (hour,) = dice.choices(range(24), HOURS)
    return day - timedelta(days=days + 1) + timedelta(hours=hour, minutes=days)


def send(env, lead, user, subject, template, date):
    """Store a tracked email and its links, as if the email had been sent."""
    message = env["mail.message"].create(
        {
            "author_id": user.partner_id.id,
            "body": "<p>Hello, here it is.</p>",
            "date": date,
            "is_tracked": True,
            "message_type": "comment",
            "model": "crm.lead",
            "partner_ids": lead.partner_id.ids,
            "res_id": lead.id,
            "subject": subject,
            "subtype_id": env.ref("mail.mt_comment").id,
        }
    )
    owner = {
        "company_id": user.company_id.id,
        "mail_message_id": message.id,
        "user_id": user.id,
    }
    links = env["trackable.link"].create(
        [{**owner, "label": label, "url": url} for label, url in LINKS]
    )
    email = env["trackable.email"].create(
        {
            **owner,
            "email_to": lead.partner_id.email_normalized,
            "link_count": len(links),
            "partner_id": lead.partner_id.id,
            "recipient_key": f"res.partner,{lead.partner_id.id}",
            "res_id": lead.id,
            "res_model": "crm.lead",
            "sent_date": date,
            "subject": subject,
            "template_id": template.id,
        }
    )
    return email, links


def read(dice, email, links):
    """Store a recipient's actions: 65 % open the email, half of these also click."""
    Action = email.env["trackable.email.action"]
    if dice.random() > 0.65:
        return Action
    date = moment_after(dice, email.sent_date)
    values = {
        "trackable_email_id": email.id,
        "actor": "recipient",
        "reason": "direct",
        "browser": dice.choice(("chrome", "firefox", "safari")),
        "platform": dice.choice(("windows", "macos", "android")),
    }
    if dice.random() < 0.15:
        values.update(actor="unknown", reason="apple-mpp", browser=False)
        return Action.create({**values, "kind": "open", "occurred_at": date})
    opened = Action.create(
        [
            {**values, "kind": "open", "occurred_at": date + timedelta(hours=3 * again)}
            for again in range(dice.choice((1, 1, 1, 2, 3)))
            if date + timedelta(hours=3 * again) < datetime.now()
        ]
    )
    if dice.random() < 0.5:
        opened |= Action.create(
            {
                **values,
                "kind": "click",
                "occurred_at": date + timedelta(minutes=2),
                "trackable_link_id": dice.choice(links).id,
            }
        )
    return opened


def moment_after(dice, sent):
    """Choose the time of an open: on the same day or soon after, in working hours."""
    days = dice.choice((0, 0, 0, 1, 1, 2, 4))
    (hour,) = dice.choices(range(24), HOURS)
    date = datetime.combine(sent.date(), time(hour, dice.randrange(60)))
    date += timedelta(days=days)
    is_possible = sent < date < datetime.now() and date.weekday() < 5
    return date if is_possible else sent + timedelta(minutes=dice.randrange(3, 50))


make(env, random.Random(19))  # noqa: F821 - the shell defines it
env.cr.commit()  # noqa: F821
