"""Drives the curators' desk in a browser before a real service and its database."""

from urllib.parse import quote, urlsplit

import pytest
from browsing import new_context

from scixtag.review.desk import Desk as Decisions
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.review.tokens import Tokens
from scixtag.workflows.tagger import Tagger

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect

HOSTILE_ID = 'a/b?c#d%2e<i>"&'
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>&lt;svg onload=alert(3)&gt; {{7*7}} ${8*8}"
ODD = "\u202egalaxy stars\u202c \u2066flares\u2069 \x1b[31m\x07 \u200b"
CURATORS = ("ann", "bea", "cleo", "<b>eve</b>")
NETWORK = ("Failed to load resource", "net::ERR")


class Store:
    """A database of decisions with papers and curators, looked at beside the service."""

    def __init__(self, path, model, records):
        self.path = path
        with Database.open(str(path)) as database:
            Queue(database).import_papers(records, Tagger.load(model), "sample", "model")
            tokens = Tokens(database)
            self.secrets = {name: tokens.create(name, "curator")[0] for name in CURATORS}
            self.secrets["reader"] = tokens.create("reader", "reader")[0]

    def paper(self, paper):
        with Database.open(str(self.path)) as database:
            return Decisions(database).paper(paper)

    def deeds(self, paper):
        """What happened to a paper: (who, action, label) in order."""
        events = self.paper(paper).events
        return [(event.who, event.action, event.concept and event.concept.label) for event in events]

    def with_tokens(self, act):
        with Database.open(str(self.path)) as database:
            return act(Tokens(database))


class Curators:
    """Opens the desk for curators, and sees to it that no page does what none may."""

    def __init__(self, browser, store):
        self.browser, self.store, self.url = browser, store, ""
        self.contexts, self.told, self.asked = [], [], []

    def context(self, **options):
        context = new_context(self.browser, **options)
        self.contexts.append(context)
        return context

    def tab(self, context, path=""):
        page = context.new_page()
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(f"error {error}"))
        page.on("dialog", self.answer)
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(f"{self.url}/desk{path}")
        return page

    def answer(self, dialog):
        """Leaving with work that is not saved is asked about; nothing else may ask."""
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            self.told.append(f"dialog {dialog.message}")
            dialog.dismiss()

    def sits(self, name, paper=None, context=None, focus=True, **options):
        """The desk of a curator who has signed in, with a paper on it or the queue."""
        page = self.tab(context or self.context(**options), f"#/paper/{quote(paper, safe='')}" if paper else "")
        sign_in(page, self.store.secrets[name])
        if paper and focus:
            expect(page.locator(".standing").first).to_be_focused()
        return page

    def check(self):
        for context in self.contexts:
            context.close()
        assert [told for told in self.told if not told.startswith(NETWORK)] == []
        assert {urlsplit(url).netloc for url in self.asked} <= {urlsplit(self.url).netloc}


def sign_in(page, secret):
    expect(page.locator("#token")).to_be_focused()
    page.keyboard.insert_text(secret)
    page.keyboard.press("Enter")
    expect(page.locator("#who-name")).to_be_visible()


def saved(page, words):
    expect(page.locator("#status")).to_contain_text(f"Saved: {words}")


def row(page, place):
    return page.locator(".standing").nth(place)


def labels(page):
    return page.locator(".standing .label").all_text_contents()


def type_concept(page, name):
    page.keyboard.type(name)
    expect(page.get_by_role("option", name=name).first).to_be_visible()
    page.keyboard.press("Enter")
