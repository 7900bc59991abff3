"""tools/joint_classification: the requests for one email reveal machines together.

Each test of a machine has a person whose requests are similar.
"""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.pipeline_tracking.tools import signs
from odoo.addons.pipeline_tracking.tools.actors import (
    CLICK,
    INTERNAL,
    MACHINE,
    OPEN,
    RECIPIENT,
    UNKNOWN,
    Classification,
)
from odoo.addons.pipeline_tracking.tools.email_requests import Client, EmailRequest
from odoo.addons.pipeline_tracking.tools.joint_classification import (
    MAX_DISTANCE,
    classify_together,
)

from ..helpers.time_limit import within

SENT = datetime(2026, 6, 1, 8)
DIRECT = Classification(RECIPIENT, "direct")
MAIL_CLIENT = Classification(RECIPIENT, "mail-client")
HEAD = Classification(MACHINE, "head")
DECOY = Classification(MACHINE, "decoy")
AT_DELIVERY = Classification(UNKNOWN, "at-delivery")
COLLEAGUE = Classification(INTERNAL, "session")

PERSON = Client("home", "browser", "windows")
PHONE = Client("mobile", "phone", "iphone")
SCANNER = Client("data center", "scanner", "linux")


def open_(seconds, classification=DIRECT, client=PERSON, **values):
    return _make(seconds, OPEN, None, classification, client, values)


def click(seconds, link="a", client=PERSON, classification=DIRECT, **values):
    return _make(seconds, CLICK, link, classification, client, values)


def _make(seconds, kind, link, classification, client, values):
    values.setdefault("signs", _find_time_signs(seconds))
    return EmailRequest(
        SENT + timedelta(seconds=seconds),
        kind,
        link,
        classification,
        client=client,
        **values,
    )


def _find_time_signs(seconds):
    if seconds < signs.AT_ONCE_SECONDS:
        return (signs.AT_ONCE,)
    if seconds < signs.SOON_SECONDS:
        return (signs.SOON,)
    return (signs.LATER,) if seconds >= signs.LATER_SECONDS else ()


def follow_decoy(seconds, client=SCANNER):
    return click(seconds, "decoy", client, DECOY)


def classify(*requests, link_count=9):
    """Return actor and reason of each request."""
    return [
        verdict[:2] for verdict in classify_together(list(requests), link_count, SENT)
    ]


def grades(*requests):
    return [
        verdict.confidence for verdict in classify_together(list(requests), 9, SENT)
    ]


# ------------------------------------------------------------
# Scans of links
# ------------------------------------------------------------


def test_burst_with_the_image_before():
    scan = [
        open_(9),
        *(click(42 + n / 2, link, SCANNER) for n, link in enumerate("abc")),
    ]
    assert classify(*scan) == [(MACHINE, "burst")] * 4
    # A person opens the email later, and clicks.
    person = [open_(900), click(960)]
    assert classify(*scan, *person)[4:] == [DIRECT] * 2


def test_image_long_before_a_burst_is_a_persons():
    scan = [click(1800 + n / 10, link, SCANNER) for n, link in enumerate("abc")]
    assert classify(open_(600), *scan)[0] == DIRECT
    # An email client loaded the image: a scanner is none.
    soon = [click(40 + n / 10, link, SCANNER) for n, link in enumerate("abc")]
    assert classify(open_(9, MAIL_CLIENT), *soon)[0] == MAIL_CLIENT


def test_hasty_person():
    tabs = [click(300 + n * 0.8, link) for n, link in enumerate("abc")]
    assert classify(open_(290), *tabs) == [DIRECT] * 4
    assert classify(open_(20, MAIL_CLIENT), *tabs)[1:] == [DIRECT] * 3
    # A gateway's image soon after sending does not make a hasty person.
    scan = [click(50 + n * 0.8, link) for n, link in enumerate("abc")]
    assert classify(open_(9), *scan) == [(MACHINE, "burst")] * 4
    # A colleague's open does not show that the recipient has read the email.
    assert classify(open_(290, COLLEAGUE), *tabs)[1:] == [(MACHINE, "burst")] * 3


def test_slow_scan():
    scan = [click(100 + n * 10, link, SCANNER) for n, link in enumerate("abcd")]
    person = click(115, "b")
    assert classify(open_(40, client=SCANNER), *scan, person, link_count=4) == [
        *[(MACHINE, "slow-scan")] * 5,
        DIRECT,
    ]
    assert classify(*scan[:3], link_count=4) == [DIRECT] * 3


def test_prefetched_links_and_colleagues_are_no_burst():
    for classification in (COLLEAGUE, Classification(MACHINE, "prefetch")):
        others = [
            click(400 + n / 10, link, PERSON, classification)
            for n, link in enumerate("bcd")
        ]
        assert classify(*others, click(400.5))[3] == DIRECT


# ------------------------------------------------------------
# Scans across emails
# ------------------------------------------------------------


def test_scan_of_many_emails():
    assert (
        classify(open_(40, is_scan=True), click(40, is_scan=True))
        == [(MACHINE, "many-emails")] * 2
    )
    assert classify(open_(1, AT_DELIVERY, is_scan=True)) == [(MACHINE, "many-emails")]
    # Email clients and colleagues stay.
    assert classify(open_(40, MAIL_CLIENT, is_scan=True)) == [MAIL_CLIENT]
    assert classify(open_(40, COLLEAGUE, is_scan=True)) == [COLLEAGUE]


# ------------------------------------------------------------
# Decoy links
# ------------------------------------------------------------


def test_requests_of_a_program_that_followed_the_decoy():
    scan = [
        open_(540, client=SCANNER),
        follow_decoy(600),
        click(660, "a", SCANNER),
        open_(599, AT_DELIVERY, SCANNER),
    ]
    assert classify(*scan) == [DECOY] * 4
    for other in (
        open_(605),
        click(605),
        click(605, client=SCANNER._replace(network="home")),
        click(605, client=SCANNER._replace(program="browser")),
        open_(539, client=SCANNER),
        click(661, "a", SCANNER),
        open_(605, MAIL_CLIENT, Client()),
        click(605, "a", SCANNER, COLLEAGUE),
    ):
        assert classify(*scan, other)[4] == other.classification


def test_a_client_of_an_unknown_network_is_not_recognized():
    client = SCANNER._replace(network="")
    assert classify(follow_decoy(600, client), click(605, "a", client))[1] == DIRECT


def test_the_open_of_a_program_that_followed_the_decoy_makes_no_hasty_person():
    tabs = [click(370 + n * 0.8, link) for n, link in enumerate("abc")]
    scan = [open_(300, client=SCANNER), follow_decoy(310)]
    assert classify(*scan, *tabs)[2:] == [(MACHINE, "burst")] * 3
    assert classify(open_(300), *scan, *tabs)[3:] == [DIRECT] * 3


def test_the_decoy_is_one_more_link_of_a_burst():
    hidden = [SCANNER._replace(network=str(n)) for n in range(3)]
    decoy = follow_decoy(600, hidden[0])
    links = [click(600.5 + n / 2, link, hidden[n + 1]) for n, link in enumerate("ab")]
    burst = (MACHINE, "burst")
    assert classify(decoy, *links) == [DECOY, burst, burst]
    assert classify(*links) == [DIRECT] * 2
    # The only link of the email, and the decoy
    assert classify(decoy, links[0], link_count=1) == [DECOY, burst]
    # A person clicks one of two links at that moment.
    assert classify(decoy, links[0], link_count=2) == [DECOY, DIRECT]
    # The decoy is none of the links that a slow scan must follow.
    slow = [click(604 + n * 3, link) for n, link in enumerate("abc")]
    assert classify(decoy, *slow, link_count=4) == [DECOY, *[DIRECT] * 3]


# ------------------------------------------------------------
# Checked and doubled links
# ------------------------------------------------------------


def test_link_is_checked_and_then_followed():
    check = click(600, "a", SCANNER, HEAD)
    assert classify(check, click(605, "a", SCANNER)) == [
        HEAD,
        (MACHINE, "checked-first"),
    ]
    for other in (
        click(605, "a", PERSON),  # a person
        click(605, "b", SCANNER),  # another link
        click(595, "a", SCANNER),  # before
        click(661, "a", SCANNER),  # much later
    ):
        assert classify(check, other)[1] == DIRECT


def test_doubled_click():
    person = click(600, "a", PERSON)
    assert classify(person, click(612, "a", SCANNER)) == [
        DIRECT,
        (UNKNOWN, "doubled"),
    ]
    # A filter checks the link at the click, then the person gets to it.
    person_later = [open_(590), click(600, "a", SCANNER), click(602, "a")]
    assert classify(*person_later) == [DIRECT, (UNKNOWN, "doubled"), DIRECT]
    for other in (
        click(612, "a", PERSON),  # a double click
        click(612, "a", PERSON._replace(program="other browser")),
        click(612, "a", PERSON._replace(network="mobile")),  # a phone changes networks
        click(612, "a", SCANNER._replace(network="")),  # the network is not known
        click(612, "b", SCANNER),
        click(621, "a", SCANNER),
    ):
        assert classify(person, other)[1] == DIRECT


# ------------------------------------------------------------
# Signs
# ------------------------------------------------------------


def test_filter_that_its_signs_reveal_does_not_hide_the_person():
    """Images are blocked; the filter checks the link before or after the person."""
    for weights, actor in (
        ((signs.CLOUD_NETWORK, signs.SOON), MACHINE),
        ((signs.CLOUD_NETWORK,), MACHINE),
        ((signs.CLOUD_NETWORK, signs.LATER), UNKNOWN),
        ((signs.OLD_BROWSER,), MACHINE),
    ):
        checked = click(400, "a", SCANNER, signs=weights)
        for seconds in (399, 390, 381, 300, 401, 405, 419, 430, 600, 999):
            verdicts = classify_together([checked, click(seconds)], 9, SENT)
            assert verdicts[0].actor in (actor, MACHINE), seconds
            assert verdicts[0].reason == "signs"
            assert verdicts[1][:2] == DIRECT, seconds
            assert verdicts[1].confidence == signs.MEDIUM


def test_link_repeated_by_another_program():
    person, other = click(100, "a"), click(130, "a", SCANNER)
    assert classify(person, other) == [DIRECT, (UNKNOWN, "signs")]
    # The program tries again, and the person returns to the link.
    again = [click(200, "a", SCANNER), click(290, "a")]
    assert classify(person, other, *again) == [
        *(DIRECT, (UNKNOWN, "signs")),
        *((UNKNOWN, "signs"), DIRECT),
    ]
    # Another link, an unknown network, or more than ten minutes later
    unknown = SCANNER._replace(network="")
    for request in (
        click(130, "b", SCANNER),
        click(130, "a", unknown),
        click(701, "a", SCANNER),
    ):
        assert classify(person, request)[1] == DIRECT
    [_person, late] = classify_together([person, click(699, "a", SCANNER)], 9, SENT)
    assert signs.REPEATED_BY_OTHER in late.signs


def test_detonation_from_a_cloud_network():
    cloud = {"signs": (signs.CLOUD_NETWORK, signs.SOON), "client": SCANNER}
    assert classify(click(40, **cloud)) == [(MACHINE, "signs")]
    # In a virtual desktop in the same cloud, a person reads the email first.
    desktop = {"signs": (signs.CLOUD_NETWORK, signs.LATER), "client": SCANNER}
    assert classify(open_(590, client=SCANNER), click(600, **desktop))[1] == DIRECT


def test_grades():
    assert grades(open_(400)) == [signs.MEDIUM]
    assert grades(open_(400), click(410)) == [signs.HIGH, signs.HIGH]
    assert grades(click(400)) == [signs.MEDIUM]  # images are blocked
    assert grades(click(40)) == [signs.LOW]  # a scanner that follows one link?
    assert grades(open_(30, MAIL_CLIENT), click(40)) == [signs.HIGH, signs.MEDIUM]
    assert grades(open_(9), click(40)) == [signs.LOW, signs.LOW]
    # opened on a phone, clicked on a computer
    assert grades(open_(200, client=PHONE), click(210)) == [signs.HIGH, signs.MEDIUM]


# ------------------------------------------------------------
# Any order, and bounded distance
# ------------------------------------------------------------

requests_of = st.lists(
    st.one_of(
        st.builds(
            open_,
            st.integers(0, 6000).map(lambda n: n / 2),
            st.sampled_from([DIRECT, DIRECT, MAIL_CLIENT, AT_DELIVERY, COLLEAGUE]),
            st.sampled_from([PERSON, PHONE, SCANNER]),
            is_scan=st.sampled_from([False, False, False, True]),
        ),
        st.builds(
            click,
            st.integers(0, 6000).map(lambda n: n / 2),
            st.sampled_from("abcd"),
            st.sampled_from([PERSON, PHONE, SCANNER]),
            st.sampled_from([DIRECT, DIRECT, DIRECT, HEAD, COLLEAGUE]),
            signs=st.sampled_from([(), (), (), (signs.CLOUD_NETWORK,)]),
        ),
        st.builds(
            follow_decoy,
            st.integers(0, 6000).map(lambda n: n / 2),
            st.sampled_from([PERSON, PHONE, SCANNER, SCANNER._replace(network="")]),
        ),
    ),
    max_size=20,
    unique_by=lambda request: request.occurred_at,
)


def test_requests_of_the_same_moment():
    both = [click(400, "a"), click(400, "a", SCANNER)]
    assert classify(*both) == classify(*both[::-1])[::-1]
    links = [click(400, link) for link in ("a", "b", 3, False)]
    assert classify(*links) == classify(*links[::-1])[::-1]


@given(requests_of, st.integers(1, 5), st.randoms())
def test_order_does_not_matter(requests, link_count, chance):
    verdicts = classify_together(requests, link_count, SENT)
    positions = chance.sample(range(len(requests)), len(requests))
    shuffled = classify_together([requests[n] for n in positions], link_count, SENT)
    assert [verdicts[n] for n in positions] == shuffled


@given(requests_of, st.integers(1, 5))
def test_verdicts_are_complete(requests, link_count):
    verdicts = classify_together(requests, link_count, SENT)
    for request, verdict in zip(requests, verdicts, strict=True):
        assert verdict.confidence in signs.GRADES
        # Colleagues and machines stay what they are.
        if request.classification.actor in (INTERNAL, MACHINE):
            assert verdict[:2] == request.classification
        # A joint reason is never a colleague's.
        assert verdict.actor != INTERNAL or request.classification == COLLEAGUE


@given(requests_of, st.integers(1, 5), st.integers(0, 3000))
def test_only_near_requests_matter(requests, link_count, seconds):
    """The verdict in the middle does not depend on requests far away."""
    middle = SENT + timedelta(seconds=seconds)
    near = [
        request
        for request in requests
        if abs(request.occurred_at - middle) <= MAX_DISTANCE
    ]
    everything = dict(
        zip(requests, classify_together(requests, link_count, SENT), strict=True)
    )
    for request, verdict in zip(
        near, classify_together(near, link_count, SENT), strict=True
    ):
        if request.occurred_at == middle:
            assert everything[request] == verdict


def test_flood_is_classified_quickly():
    flood = [
        click(n * 0.4, link=n % 5) if n % 2 else open_(n * 0.4) for n in range(2000)
    ]
    with within(5):
        classify_together(flood, 5, SENT)
