"""Every page of the four services, as everybody may come to it: small and large, by keyboard, in the dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.looking import DESK, PHONE, Size
from tests.browser.places import PAGES
from tests.support.chromium import SMALL, STUMBLES

pytestmark = pytest.mark.browser

HEAVIEST = 100_000  # octets of a page without its style and script

# Which controls a person with a keyboard never gets to, or cannot see that they are at.
UNSEEN = """() => {
  const outline = (e) => {
    const s = getComputedStyle(e);
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none';
  };
  const at = document.activeElement;
  if (at === document.body || at.type === 'date') return ''; // the browser marks the part of a date one is at
  const label = at.matches('[type=radio], [type=checkbox]') ? at.nextElementSibling : null;
  return outline(at) || (label && outline(label)) ? 'seen' : at.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("login", PAGES)
def test_every_page_fits_and_asks_nobody_else(browse: Open, login: str, size: Size) -> None:
    looker = browse(login, size)
    looker.expected = ("404 (Not Found)",)
    page, found = looker.page, []
    for path in PAGES[login]:
        answer = page.goto(path)
        assert answer is not None
        if answer.status >= 500 or (answer.status != 200 and path.isascii()):
            found.append(f"{path}: {answer.status}")
        if len(answer.body()) > HEAVIEST:
            found.append(f"{path}: {len(answer.body())} octets")
        if page.evaluate("document.documentElement.scrollWidth") > size[0]:
            found.append(f"{path}: {page.evaluate('document.documentElement.scrollWidth')} px wide")
        found += [f"{path}: {stumble}" for stumble in page.evaluate(STUMBLES)]
        if size == PHONE:
            found += [f"{path}: small {small}" for small in page.evaluate(SMALL)]
    assert found == []


@pytest.mark.parametrize("login", [login for login in PAGES if login])
def test_every_control_is_reached_by_keyboard_and_seen_when_it_is(browse: Open, login: str) -> None:
    page = browse(login, DESK).page
    page.goto(PAGES[login][0])
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    unseen = [seen for seen in _walk(page, 40) if seen not in ("seen", "")]
    assert unseen == []


def _walk(page: Page, most: int) -> list[str]:
    found = []
    for _ in range(most):
        found.append(page.evaluate(UNSEEN))
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
    return found


def test_a_login_needs_no_mouse(browse: Open) -> None:
    page = browse("", DESK).page
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").focus()
    page.keyboard.type("bithu")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Mật khẩu")).to_be_focused()


@pytest.mark.parametrize("login", ["ubkt.xa", "bithu"])
def test_in_the_dark_pages_are_dark(browse: Open, login: str) -> None:
    page = browse(login, DESK, color_scheme="dark").page
    for path in PAGES[login][:2]:
        page.goto(path)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
        assert max(red, green, blue) < 80, f"{path}: {colour}"
