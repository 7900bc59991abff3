"""Compare what a judge says about stories with their truth.

A judge is the addon, Odoo's own check, or a list of crawlers. It says the actor of
each request and the badge of each email.
"""

from collections import defaultdict
from dataclasses import dataclass
from statistics import mean

from .stories.model import (
    CLICKED,
    EITHER,
    IMAGE,
    INTERNAL,
    MACHINE,
    MAIL,
    MAYBE,
    NEWS,
    NOTHING,
    OPENED,
    RECIPIENT,
    UNKNOWN,
)

# An action has the time of its request, perhaps without the fraction of a second.
TOLERANCE = 1.1  # seconds


def judge_by_actions(stories, result):
    """Return what the addon says.

    :param dict result: of `truth_process.process`
    :return: for each story: [(actor, reason) of each request], and [badge, the
        strongest news that was ever shown] of each email
    :rtype: list[tuple[list, list]]
    """
    actions = defaultdict(list)
    for email, link, actor, reason, count, ago in result["actions"]:
        actions[email, link].append(_Action(ago, count, (actor, reason)))
    judged, first = [], 0
    for story, begun in zip(stories, result["begins"], strict=True):
        said = []
        for request in story.requests:
            link = None if request.target == IMAGE else request.target
            found = actions[first + request.email, link]
            said.append(_find(found, begun - request.seconds))
        badges = []
        for number in range(first, first + len(story.emails)):
            opens, clicks, unknown = result["counters"][str(number)]
            ever_opens, ever_clicks = result["seen"].get(str(number), (0, 0))
            ever = NEWS[_badge(ever_opens, ever_clicks, 0)]
            badges.append((_badge(opens, clicks, unknown), ever))
        judged.append((said, badges))
        first += len(story.emails)
    return judged


@dataclass
class _Action:
    """An action of an email and link."""

    ago: float  # seconds
    hits: int  # requests that no one has found yet
    said: tuple  # actor and reason


def _find(actions, ago):
    """Return what the addon says about a request.

    An action can stand for several requests: parts of a download, or a flood. A request
    without an action of its own belongs to the last action before it.

    :param list[_Action] actions: of the request's email and link, in order of time
    :param float ago: how many seconds ago the request was made
    :return: actor and reason
    :rtype: tuple
    """
    free = [action for action in actions if action.hits]
    nearest = min(free, key=lambda action: abs(action.ago - ago), default=None)
    if nearest is None or abs(nearest.ago - ago) > TOLERANCE:
        earlier = [action for action in actions if action.ago > ago - TOLERANCE]
        nearest = (earlier or actions or [_Action(0, 0, (None, "lost"))])[-1]
    nearest.hits -= bool(nearest.hits)
    return nearest.said


def judge_by_user_agent(stories, is_bot):
    """Return what a check of the user agent says: a bot or the recipient.

    :param is_bot: function that takes a user agent
    :return: as `judge_by_actions` does
    """
    judged = []
    for story in stories:
        said = [
            (MACHINE if is_bot(request.user_agent) else RECIPIENT, "user agent")
            for request in story.requests
        ]
        badges = []
        for position in range(len(story.emails)):
            counted = [
                request.target == IMAGE
                for request, (actor, _reason) in zip(story.requests, said, strict=True)
                if request.email == position and actor == RECIPIENT
            ]
            badge = _badge(any(counted), not all(counted), 0)
            badges.append((badge, NEWS[badge]))
        judged.append((said, badges))
    return judged


def _badge(opens, clicks, unknown):
    if clicks:
        return CLICKED
    if opens:
        return OPENED
    return MAYBE if unknown else NOTHING


def is_right(label, actor):
    """Return whether an actor agrees with a label, or None if it does not matter.

    A machine's request must not count: its actor may also be unknown.
    """
    if label == EITHER:
        return None
    if label == MACHINE:
        return actor != RECIPIENT
    return actor == {RECIPIENT: RECIPIENT, UNKNOWN: UNKNOWN, INTERNAL: INTERNAL}[label]


def score(stories, judged, types):
    """Work out the figures of a judge. Each story counts once, whatever its length.

    :param list[Story] stories: of one half
    :param list judged: what the judge says about each story
    :param dict[str, Type] types: by name
    :return: shares, in per cent: ``types`` (right requests of each type), ``groups``,
        ``strict`` (groups of machines, if only the actor machine is right), ``mail``
        (mail and Office programs kept), and figures of a realistic population of
        emails: ``badges`` (right), ``false_news``, ``passing_news`` (false, if only for
        a while) and ``missed_news``
    :rtype: dict
    """
    shares = {name: defaultdict(list) for name in ("types", "groups", "strict")}
    mail, emails = [], defaultdict(lambda: defaultdict(list))
    for story, (said, badges) in zip(stories, judged, strict=True):
        kind = types[story.type]
        found = defaultdict(list)
        for request, (actor, _reason) in zip(story.requests, said, strict=True):
            right = is_right(request.label, actor)
            if right is None:
                continue
            is_machine = request.label == MACHINE
            group = kind.machines if is_machine else kind.people
            if group is None or (request.label == INTERNAL and group != INTERNAL):
                group = request.label
            found["types", story.type].append(right)
            found["groups", group].append(right)
            if is_machine:
                found["strict", group].append(actor == MACHINE)
            if request.program == MAIL and request.label == RECIPIENT:
                mail.append(right)
        for (name, key), rights in found.items():
            shares[name][key].append(mean(rights))
        for email, (badge, ever) in zip(story.emails, badges, strict=True):
            if email.badge is not None:
                news, true_news = NEWS[badge], NEWS[email.badge]
                figures = emails[story.type]
                figures["badges"].append(badge == email.badge)
                figures["false_news"].append(news > true_news)
                figures["passing_news"].append(max(ever, news) > true_news)
                figures["missed_news"].append(news < true_news)
    result = {
        name: {key: 100 * mean(values) for key, values in sorted(groups.items())}
        for name, groups in shares.items()
    }
    # All machines that are not harder to find: a burst counts in both figures.
    for name in ("groups", "strict"):
        values = [v for k in ("machine", "burst") for v in shares[name].get(k, ())]
        result[name]["machine"] = 100 * mean(values)
    weights = {name: types[name].weight for name in emails}
    total = sum(weights.values())
    for figure in ("badges", "false_news", "passing_news", "missed_news"):
        result[figure] = (
            sum(100 * weights[name] * mean(emails[name][figure]) for name in emails)
            / total
        )
    result["mail"] = 100 * mean(mail)
    return result
