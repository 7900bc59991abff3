"""tools/link_exemptions: links that are never tracked, and links that look similar."""

import pytest

from odoo.addons.pipeline_tracking.tools import link_exemptions

from ..helpers.time_limit import within

OWN = "https://odoo.acme.com"
OWN_URLS = ("https://shop.acme.com", OWN)


@pytest.mark.parametrize(
    "url",
    [
        f"{OWN}/view",
        f"{OWN}/unsubscribe_from_list",
        f"{OWN}/mail/unfollow?model=crm.lead&res_id=1",
        f"{OWN}/mailing/3/view?email=a",
        f"{OWN}/mailing/3/confirm_unsubscribe?document_id=1",
        f"{OWN}/cards/5/preview",
        f"{OWN}/cards/summer-sale-5/card.jpg",
        f"{OWN}/t/AbC-_9",
        f"{OWN}/t/AbC.gif",
        "https://acme.us1.list-manage.com/unsubscribe?u=1&id=2",
        "https://x.com/newsletter/Opt-Out/?u=1",
        "https://x.com/list-unsubscribe",
        "https://unsub.x.com/abc",
        "https://x.com/?action=unsubscribe&id=3",
        "https://x.com/viewInBrowser?id=3",
        "https://x.com/view-this-email-in-your-browser",
        "https://x.com/fr/desinscription?x",
        "https://x.com/abmelden/4",
        "https://x.com/web-version/4",
    ],
)
def test_exempt_urls(url):
    assert link_exemptions.is_exempt_url(url, OWN_URLS)


@pytest.mark.parametrize(
    "url",
    [
        f"{OWN}/views",
        f"{OWN}/shop/view",
        f"{OWN}/cards",
        "https://x.com/cards/5/preview",
        f"{OWN}/mail/view?model=crm.lead&res_id=1",
        f"{OWN}.evil.com/view",
        "https://x.com/view",
        "https://x.com/t/AbC",
        "https://x.com/subscribe",
        "https://x.com/unsubtle-colours",
        "https://x.com/cryptout",
        "https://x.com/adopt-outdoor-cats",
        "https://x.com/preview-browser",
        "https://x.com/overview",
        "https://x.com/web-versioning",
    ],
)
def test_other_urls(url):
    assert not link_exemptions.is_exempt_url(url, OWN_URLS)


def test_urls_of_more_than_8_kb():
    url = "https://x.com/"
    longest = url + "a" * (8192 - len(url))
    assert not link_exemptions.is_exempt_url(longest, OWN_URLS)
    assert link_exemptions.is_exempt_url(f"{longest}a", OWN_URLS)
    # The limit counts bytes, not characters.
    assert not link_exemptions.is_exempt_url(url + "é" * 4000, OWN_URLS)
    assert link_exemptions.is_exempt_url(url + "é" * 4096, OWN_URLS)


def test_time_grows_with_length_only():
    for part in (".unsubx", "view-this-", "unsubx"):
        url = "https://x.com/" + part * (5_000_000 // len(part))
        with within(seconds=10):
            assert not link_exemptions.has_exempt_words(url)


def test_no_base_urls():
    assert not link_exemptions.is_exempt_url("/view", ())


@pytest.mark.parametrize(
    "label",
    [
        "Unsubscribe",
        "unsubscribe here.",
        "If you want to un-subscribe, click here",
        "Opt out",
        "Se désabonner",
        "Désinscription",
        "Me désinscrire de cette liste",
        "Newsletter abbestellen",
        "Hier abmelden",
        "Darse de baja",
        "Cancelar suscripción",
        "Disiscriviti",
        "Annulla l’iscrizione",
        "Afmelden",
        "Uitschrijven",
        "Cancelar inscrição",
        "View in browser",
        "View this email in your browser",
        "View Online",
        "Read online »",
        "Web version",
        "Click here to view it in your browser",
        "Voir dans le navigateur",
        "Version en ligne",
        "Im Browser ansehen",
        "E-Mail im Browser öffnen",
        "Online-Version",
        "Ver en el navegador",
        "Visualizza nel browser",
        "Bekijk in je browser",
        "Ver no navegador",
        "Voir cet e-mail en ligne",
        "Lire la newsletter dans votre navigateur",
        "Diese E-Mail im Browser anzeigen",
        "Ver este correo en su navegador",
        "Leggi la newsletter online",
        "Lees deze nieuwsbrief online",
        "Abrir no seu navegador",
    ],
)
def test_exempt_labels(label):
    assert link_exemptions.is_exempt_label(label)


@pytest.mark.parametrize(
    "label",
    [
        "",
        "Subscribe",
        "Our prices",
        "View your invoice online now",
        "View invoice",
        "The best browsers of the year",
        "Online shop",
        "Adopt out of love",
        "See the offer",
        "Voir l'offre",
        "Ver oferta",
        "Angebot ansehen",
        "Versionshinweise",
        "Consulter votre facture en ligne",
        "Voir le devis en ligne",
        "Bekijk uw offerte online",
        "Open de shop online",
        "Visualizza il preventivo online",
        "Apri il catalogo online",
        "Ver presupuesto en línea",
        "Bewerbung im Browser öffnen",
        "Ver a proposta online",
        "x" * 80,
    ],
)
def test_other_labels(label):
    assert not link_exemptions.is_exempt_label(label)


@pytest.mark.parametrize(
    "label, url, is_address",
    [
        ("https://acme.com/a", "https://acme.com/a?b", True),
        ("www.acme.com", "https://elsewhere.com", True),
        ("acme.com", "https://www.acme.com/a", True),
        ("acme.com/prices", "https://acme.com/prices", True),
        ("report.pdf", "https://acme.com/report.pdf", False),
        ("acme.com", "https://elsewhere.com", False),
        ("our prices", "https://acme.com", False),
        ("see https://acme.com", "https://acme.com", False),
        ("", "https://acme.com", False),
        ("acme.com", "https://[broken", False),
    ],
)
def test_is_address(label, url, is_address):
    assert link_exemptions.is_address_label(label, url) is is_address
