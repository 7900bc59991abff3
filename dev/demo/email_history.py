"""Make eight weeks of tracked emails for the demo's lists and reports.

`odoo shell` runs this file, and provides ``env``. A fixed seed makes the same emails
each time; the dates count back from today.
"""

import random
from collections import Counter
from datetime import datetime, time, timedelta

import pytz

from odoo.addons.pipeline_tracking.tools import signs

WEEKS = 8
EMAILS = 140
TEXTS = (
    ("Our offer", "As promised, here is our offer. It is valid until next month."),
    ("After our call", "Thank you for the pleasant call. I summed up what we said."),
    ("The new price list", "Our prices change in January. Here is the new list."),
    ("Dates for a visit", "Next week we are near you. Which day suits you?"),
    ("Your questions about delivery", "We deliver within ten days of your order."),
    ("Samples are on their way", "The samples left our warehouse this morning."),
    ("A customer with a similar project", "Here is how they began with three rooms."),
    ("The revised offer", "I left out the second option, so the price is lower now."),
    ("Technical data sheets", "Here are the data sheets that your engineer needs."),
    ("Invitation to our open day", "See the new models, and stay for a coffee."),
    ("Discount for larger quantities", "From 20 pieces, the price drops by 8 percent."),
    ("The draft of the contract", "Please read paragraph 4, which we changed for you."),
)
LINKS = (
    ("Our offer", "https://www.example.com/offer"),
    ("Price list", "https://www.example.com/prices"),
    ("Choose a time", "https://www.example.com/meeting"),
)
# Weights of opens by weekday (Monday first) and by hour.
WEEKDAYS = (4, 12, 6, 6, 2, 0, 0)
HOURS = (*(0,) * 6, 1, 4, 15, 14, 7, 3, 2, 4, 9, 6, 3, 2, 1, 1, 0, 0, 0, 0)
# One customer has a habit: they read on Tuesdays between 9 and 11 in the sender's zone.
HABIT_WEEKDAY, HABIT_HOURS = 1, (9, 10)


def make(env, dice):
    users = env.ref("base.user_admin") | env.ref("base.user_demo")
    leads = env["crm.lead"].search([("partner_id.email", "!=", False)])
    # The demo's customer gets no old emails: their chatter shows the new email.
    leads_of_admin = leads.filtered(lambda lead: lead.user_id == users[0])
    customer = leads_of_admin.sorted("id").partner_id[:1]
    leads -= leads.filtered(lambda lead: lead.partner_id == customer)
    leads = leads.sorted("id")
    reader = (leads & leads_of_admin).partner_id[:1]
    leads_of_reader = leads.filtered(lambda lead: lead.partner_id == reader)
    leads -= leads_of_reader
    templates = env["mail.template"].create(
        [
            {
                "name": name,
                "model_id": env["ir.model"]._get_id("crm.lead"),
                "subject": name,
            }
            for name, _text in TEXTS[:2]
        ]
    )
    actions = env["trackable.email.action"]
    used = Counter()  # each opportunity gets the texts in turn
    for _number in range(EMAILS):
        lead, user = dice.choice(leads), dice.choice(users)
        date = moment(dice, timedelta(weeks=WEEKS))
        text = (used[lead] * 5 + lead.id) % len(TEXTS)
        version = used[lead] // len(TEXTS) + 1
        used[lead] += 1
        template = templates[text : text + 1]
        email, links = send(env, lead, user, text, template, date, version)
        actions |= read(dice, email, links)
    actions |= make_habit(env, dice, leads_of_reader[:1], users[0])
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


def make_habit(env, dice, lead, user):
    """Send an email each week on Monday, and have it read twice on Tuesday."""
    Action = env["trackable.email.action"]
    zone = pytz.timezone(user.tz or "UTC")
    today = datetime.now(zone).date()
    tuesday = today - timedelta(days=(today.weekday() - HABIT_WEEKDAY) % 7 or 7)
    for week in range(WEEKS):
        day = datetime.combine(tuesday - timedelta(weeks=week), time())
        sent = zone.localize(day - timedelta(hours=8, minutes=dice.randrange(60)))
        email, _links = send(env, lead, user, week, env["mail.template"], to_utc(sent))
        for hour in HABIT_HOURS:
            opened = zone.localize(
                day + timedelta(hours=hour, minutes=dice.randrange(60))
            )
            Action |= Action.create(
                {
                    **choose_device(dice, email),
                    **grade(email, to_utc(opened)),
                    "kind": "open",
                }
            )
    return Action


def to_utc(date):
    return date.astimezone(pytz.utc).replace(tzinfo=None)


def choose_device(dice, email):
    """Choose the values that all actions of a recipient on an email have.

    :rtype: dict
    """
    return {
        "trackable_email_id": email.id,
        "actor": "recipient",
        "reason": "direct",
        "browser": dice.choice(("chrome", "firefox", "safari")),
        "platform": dice.choice(("windows", "macos", "android")),
    }


def grade(email, date, *codes):
    """Grade a recipient's action, as if the request had been classified.

    :param datetime date: time of the action
    :param codes: signs that other requests for the email give
    :return: values of the action
    :rtype: dict
    """
    found = set(codes)
    if date - email.sent_date >= timedelta(seconds=signs.LATER_SECONDS):
        found.add(signs.LATER)
    return {
        "confidence": signs.grade("recipient", signs.get_score(found), False),
        "occurred_at": date,
        "signs": ",".join(sorted(found)),
    }


def send(env, lead, user, text, template, date, version=1):
    """Store a tracked email and its links, as if the email had been sent.

    :param int text: index in ``TEXTS``
    :param int version: how often the opportunity has had this text, from 1. The subject
        contains it: emails with one subject would be named by their first words.
    """
    subject, body = TEXTS[text]
    if version > 1:
        subject += f" (version {version})"
    message = env["mail.message"].create(
        {
            "author_id": user.partner_id.id,
            "body": f"<p>{body}</p>",
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
    values = choose_device(dice, email)
    if dice.random() < 0.15:
        values.update(actor="unknown", reason="apple-mpp", browser=False)
        values.update(kind="open", occurred_at=date, confidence=signs.LOW)
        return Action.create(values)
    clicked = date + timedelta(minutes=2) if dice.random() < 0.5 else None
    codes = [signs.USED_AFTER] if clicked else []
    opened = Action.create({**values, **grade(email, date, *codes), "kind": "open"})
    for again in range(1, dice.choice((1, 1, 1, 2, 3))):
        later = date + timedelta(hours=3 * again)
        if later < datetime.now():
            opened |= Action.create({**values, **grade(email, later), "kind": "open"})
    if clicked:
        opened |= Action.create(
            {
                **values,
                **grade(email, clicked, signs.OPENED_BEFORE),
                "kind": "click",
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
