"""The benchmark's labelled stories agree with themselves, and their halves differ."""

from collections import defaultdict

import pytest

from benchmarks import stories
from benchmarks.stories import agents, halves, model, networks, teller

SHARE = 1


@pytest.fixture(scope="module")
def told():
    """Return the stories of each half."""
    return {half: stories.tell(half, SHARE) for half in stories.HALVES}


@pytest.mark.parametrize("half", stories.HALVES, ids=lambda half: half.name)
def test_the_same_seed_tells_the_same_stories(told, half):
    assert stories.tell(half, SHARE) == told[half]


@pytest.mark.parametrize("half", stories.HALVES, ids=lambda half: half.name)
def test_each_half_has_many_types_of_people_and_machines(half):
    types = stories.types_of(half)
    assert len(types) >= 60
    assert sum(kind.people == model.PEOPLE for kind in types) >= 20
    assert sum(kind.machines is not None for kind in types) >= 20
    marks = {mark for kind in types for mark in (kind.people, kind.machines)}
    assert marks == {*model.MARKS, None}


def test_each_type_has_a_source_and_a_group():
    for kind in stories.TYPES.values():
        assert kind.source, kind.name
        assert kind.people or kind.machines, kind.name
        assert kind.is_decidable == bool(kind.weight), kind.name


def test_labels_fit_the_type(told):
    for told_stories in told.values():
        for story in told_stories:
            kind = stories.TYPES[story.type]
            labels = {request.label for request in story.requests}
            assert labels <= set(model.LABELS), story
            if model.MACHINE in labels:
                assert kind.machines, story
            if kind.people is None:
                assert labels == {model.MACHINE}, story
            if not kind.is_decidable:
                assert labels == {model.UNKNOWN}, story


def test_badges_follow_from_the_labels(told):
    for told_stories in told.values():
        for story in told_stories:
            for position, email in enumerate(story.emails):
                of_people = [
                    request.target
                    for request in story.requests
                    if request.email == position and request.label == model.RECIPIENT
                ]
                if not stories.TYPES[story.type].is_decidable:
                    assert email.badge is None
                elif any(target != model.IMAGE for target in of_people):
                    assert email.badge == model.CLICKED
                elif of_people:
                    assert email.badge == model.OPENED
                else:
                    assert email.badge in (model.NOTHING, model.MAYBE)


def test_requests_ask_for_what_the_email_has(told):
    for told_stories in told.values():
        for story in told_stories:
            for request in story.requests:
                email = story.emails[request.email]
                assert request.seconds > email.sent, story
                assert request.target == model.IMAGE or (
                    0 <= request.target < email.links
                ), story


def test_the_halves_share_no_user_agent(told):
    development, held_back = (
        {request.user_agent for story in told_stories for request in story.requests}
        for told_stories in told.values()
    )
    assert development & held_back <= agents.FIXED


def test_the_halves_share_no_address(told):
    development, held_back = (
        {request.ip for story in told_stories for request in story.requests}
        for told_stories in told.values()
    )
    assert not development & held_back


def test_the_halves_share_no_parameters():
    first, second = stories.HALVES
    for name in halves.Half.__dataclass_fields__:
        assert getattr(first, name) != getattr(second, name), name
    for name in ("homes", "homes6", "clouds"):
        assert not set(getattr(first, name)) & set(getattr(second, name)), name
    only = {kind.name for kind in stories.types_of(second)} - {
        kind.name for kind in stories.types_of(first)
    }
    assert len(only) >= 4


def test_stories_share_no_network_except_those_of_vendors(told):
    for told_stories in told.values():
        owners = defaultdict(set)
        for number, story in enumerate(told_stories):
            for request in story.requests:
                owners[request.ip].add(number)
        for ip, numbers in owners.items():
            if len(numbers) > 1:
                address = networks.ipaddress.ip_address(ip)
                assert any(address in vendor for vendor in networks.VENDORS), ip


def test_a_type_of_one_half_is_not_told_in_the_other(told):
    for half, told_stories in told.items():
        names = {kind.name for kind in stories.types_of(half)}
        assert {story.type for story in told_stories} == names


def test_teller_marks_an_email_that_nobody_can_decide():
    story = model.Story("any", [model.Email(1, 1, 3)])
    story.requests.append(
        model.Request(5, 0, model.IMAGE, "192.0.2.1", "", model.UNKNOWN)
    )
    assert story.close().emails[0].badge == model.MAYBE
    assert story.close(is_decidable=False).emails[0].badge is None
    assert teller.TYPES is stories.TYPES
