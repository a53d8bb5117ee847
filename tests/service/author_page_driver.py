"""Drives the author's page in a browser before a real service."""

from urllib.parse import urlsplit

import pytest
from browsing import new_context

from scixtag.corpus.sample import read_sample

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect

PAPER = next(record for record in read_sample("test") if record.abstract and 600 < len(record.abstract) < 2000)
SECOND = (
    "Dust in nearby spiral galaxies\nAbstract: " + "We map the dust of twelve spiral galaxies in the infrared. " * 5
)
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)> \\newcommand javascript:alert(4)"
ODD = "\u202egalaxy stars\u202c \u2066flares\u2069 \x1b[31m\x07 \u200b\ufeff"


class Watched:
    """Opens pages, and sees to it that none does what no page may."""

    def __init__(self, browser, url):
        self.browser, self.url = browser, url
        self.contexts, self.told, self.asked = [], [], []

    def page(self, *, permissions=(), script=None, **options):
        context = new_context(self.browser, **options)
        context.grant_permissions(list(permissions))
        if script:
            context.add_init_script(script)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("dialog", lambda dialog: (self.told.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(self.url)
        expect(page.locator("#about")).to_contain_text("Thesaurus")
        return page

    def check(self):
        for context in self.contexts:
            context.close()
        assert self.told == []
        assert {urlsplit(url).netloc for url in self.asked} == {urlsplit(self.url).netloc}


def suggest(page, title=PAPER.title, abstract=PAPER.abstract):
    page.get_by_label("Title").fill(title)
    page.get_by_label("Abstract").fill(abstract)
    page.get_by_role("button", name="Suggest keywords").click()
    expect(page.locator(".suggestion").first).to_be_visible()


def chosen(page):
    return page.locator(".keyword .name").all_text_contents()


def preview(page, wanted):
    """The text to paste, once it holds what is wanted."""
    expect(page.locator("#preview")).to_contain_text(wanted)
    return page.locator("#preview").text_content()


def paste(page, label, text):
    page.get_by_label(label, exact=True).evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          if (field.dispatchEvent(event)) document.execCommand("insertText", false, text);
        }""",
        text,
    )


def field(page, label):
    return page.get_by_label(label, exact=True).input_value()


def select_all(page, label):
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press("Control+A")
