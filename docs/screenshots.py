"""Take the pictures of docs/images anew: `python docs/screenshots.py MODEL`, with the Chromium of the system.

MODEL is a folder of `scixtag train`; the pictures there are of the default ensemble, trained on the SciX corpus.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from scixtag.corpus.sample import read_sample
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.review.tokens import Tokens
from scixtag.workflows.tagger import Tagger

IMAGES = Path(__file__).parent / "images"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
TITLE = "White-light flares from fast-rotating red dwarfs"
ABSTRACT = """\
We report white-light flares of 23 M dwarfs observed by TESS at a cadence of 20 s. Stars with rotation periods below \
two days flare ten times as often as slow rotators, and their largest flares release more than $10^{34}$ erg in the \
optical. The flare frequency distribution follows a power law with an index of 1.8 and shows no break with spectral \
type. We find starspots on all of the fast rotators, but no correlation between the phase of the spots and the times \
of flares. We estimate the ultraviolet flux that planets in the habitable zone receive during such superflares and \
discuss what it means for their atmospheres and for prebiotic chemistry."""
ON_PHONE = (
    "Transmission spectra of twelve hot Jupiters with JWST",
    """\
We present transmission spectra of twelve giant planets that orbit close to their stars. Water absorption is seen in \
nine of them, and carbon dioxide in four. Clouds mute the features of the hottest planets.""",
)
ON_DESK = "sample-207"


@contextmanager
def serving(model: str, database: Path) -> Iterator[str]:
    """The address of a service."""
    command = [sys.executable, "-m", "scixtag", "serve", model, "--port", "0", "--database", str(database)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None  # noqa: S101
        try:
            lines = (json.loads(line) for line in process.stderr)
            yield next(line["url"] for line in lines if line["event"] == "listening")
        finally:
            process.terminate()


def filled(path: Path, model: str) -> str:
    """Put papers into a database; gives the token of a curator."""
    with Database.open(str(path)) as database:
        Queue(database).import_papers(read_sample("test"), Tagger.load(Path(model)), "sample:test", "ensemble")
        return Tokens(database).create("ann", "curator")[0]


def suggest(page: Page, url: str, title: str, abstract: str) -> None:
    """Go as far as suggestions."""
    page.goto(url)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Abstract").fill(abstract)
    page.get_by_role("button", name="Suggest keywords").click()
    page.locator(".suggestion").first.wait_for()


def author(browser: Browser, url: str) -> None:
    """The page, and the page on a phone."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    suggest(page, url, TITLE, ABSTRACT)
    page.locator(".suggestion .name").first.click()
    page.locator(".explanation").wait_for()
    page.locator(".concept").wait_for()
    page.locator(".suggestion input").nth(5).check()
    page.mouse.click(5, 300)
    page.mouse.wheel(0, -5000)
    taken(page, "page.png")
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "device_scale_factor": 1.5}
    page = browser.new_page(**phone)
    suggest(page, url, *ON_PHONE)
    taken(page, "phone.png")


def curator(browser: Browser, url: str, secret: str) -> None:
    """The desk."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{url}/desk#/paper/{ON_DESK}")
    page.locator("#token").fill(secret)
    page.keyboard.press("Enter")
    page.locator(".standing").nth(3).wait_for()
    for keys in ("a", "ja", "jr", "js"):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(500)
    page.keyboard.type("High energy astrophysics")
    page.get_by_role("option", name="High energy astrophysics").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    page.keyboard.press("n")
    page.keyboard.type("Kilonova or not? The title leaves it open.")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(500)
    page.locator(".standing").nth(1).click()
    page.locator(".explanation").wait_for()
    taken(page, "desk.png")


def taken(page: Page, name: str) -> None:
    """One picture."""
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / name)


def main(model: str) -> None:
    """All of them."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        database = Path(folder) / "decisions.sqlite"
        secret = filled(database, model)
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        with serving(model, database) as url:
            author(browser, url)
            curator(browser, url, secret)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
