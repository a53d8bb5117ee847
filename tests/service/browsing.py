"""Opens windows of the browser for the tests of the page and of the desk."""


def new_context(browser, **options):
    """A fresh window: no animations, ten seconds of patience, and requests that can be held back.

    Chromium tells a page that lies open already which requests to hold back, and does not wait until it has heard:
    a page that is busy may act on a key first, and its request goes past the test (four times in forty with a page that
    was kept busy). Where requests are looked at from the start, none is missed.
    """
    context = browser.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(10_000)
    context.route("**/looked-at-from-the-start", lambda route: route.abort())
    return context
