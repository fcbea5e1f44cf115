import re
from html import unescape

import pytest

from services.members.access.tests.conftest import PASSWORD
from services.members.pages.login import home_of
from shared.auth import cookies, csrf
from shared.auth.model import Actor, HeldOffice
from shared.events.members import Office

NEW = "một câu khác cũng dài"


async def log_in(browser, login="hoa", password=PASSWORD, next="/", **headers):
    return await browser.post("/login", data={"login": login, "password": password, "next": next}, headers=headers)


def value_of(page: str, name: str) -> str:
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{name}"' in tag:
            found = re.search(r'value="([^"]*)"', tag)
            return unescape(found.group(1)) if found else ""
    raise AssertionError(f"the page has no field {name}")


async def test_the_page_asks_for_a_name_and_a_password(browser):
    page = await browser.get("/login", params={"next": "/meetings/m1?at=members.1.2"})
    assert page.status_code == 200
    assert "Đăng nhập" in page.text
    assert value_of(page.text, "next") == "/meetings/m1?at=members.1.2"
    assert 'autocomplete="current-password"' in page.text


async def test_the_page_speaks_english_to_who_chose_it(browser):
    back = await browser.get("/language", params={"to": "en", "next": "/login"})
    assert (back.status_code, back.headers["location"]) == (303, "/login")
    assert "Login name" in (await browser.get("/login")).text


async def test_logging_in_leads_to_where_one_wanted_to_go(house, browser):
    await house.account("hoa")
    answer = await log_in(browser, next="/meetings/m1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/meetings/m1")
    assert {cookies.SESSION, cookies.REFRESH} <= set(browser.cookies)
    assert (await browser.get("/members/api/v1/me")).status_code == 200
    again = await browser.get("/login", params={"next": "/meetings/m1"})
    assert again.headers["location"] == "/meetings/m1"


@pytest.mark.parametrize(
    "next", ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)", "", "/\n/x"]
)
async def test_nobody_is_led_to_another_host(house, browser, next):
    await house.account("hoa")
    assert (await log_in(browser, next=next)).headers["location"] == "/"


async def test_a_wrong_password_says_one_clear_thing_and_keeps_the_name(house, browser):
    await house.account("hoa")
    page = await log_in(browser, "Hoa", "sai mật khẩu rồi", next="/meetings")
    assert page.status_code == 401
    assert page.text.count("Tên đăng nhập hoặc mật khẩu chưa đúng") == 1
    assert value_of(page.text, "login") == "Hoa"
    assert value_of(page.text, "next") == "/meetings"
    assert value_of(page.text, "password") == ""
    assert not browser.cookies


async def test_who_guesses_is_told_how_long_to_wait(house, browser):
    for _ in range(6):
        await log_in(browser, password="sai mật khẩu rồi")
    page = await log_in(browser, password="sai mật khẩu rồi")
    assert page.status_code == 429
    assert "chờ 1 giây" in page.text


async def test_another_site_cannot_log_a_browser_in(house, browser):
    await house.account("hoa")
    assert (await log_in(browser, **{"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await log_in(browser, Origin="http://evil.test")).status_code == 403
    assert not browser.cookies


async def test_a_link_in_a_mail_finds_the_login_though_the_refresh_cookie_is_strict(house, browser):
    await house.account("hoa")
    await log_in(browser)
    kept = dict(browser.cookies)
    browser.cookies.clear()  # what a browser does with a SameSite=Strict cookie on a link from elsewhere
    page = await browser.get("/login", params={"next": "/meetings?a=1&b=2"}, headers={"Sec-Fetch-Site": "cross-site"})
    again = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)
    assert again is not None
    browser.cookies.set(cookies.REFRESH, kept[cookies.REFRESH])
    answer = await browser.get(unescape(again.group(1)), headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/meetings?a=1&b=2")


async def test_logging_out_takes_the_cookies_and_ends_the_login(house, browser):
    await house.account("hoa")
    await log_in(browser)
    refresh = browser.cookies[cookies.REFRESH]
    assert (await browser.post("/logout")).status_code == 403
    session = await house.ctx.pool.fetchval("SELECT id FROM session")
    answer = await browser.post("/logout", data={"csrf": csrf.token(house.ctx.settings, session)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not browser.cookies
    renewed = await browser.post("/members/api/v1/sessions/refresh", json={"refresh": refresh})
    assert renewed.status_code == 401


async def test_logging_out_twice_is_no_error(browser):
    assert (await browser.post("/logout")).headers["location"] == "/login"


async def test_logging_in_again_ends_the_login_before(house, browser):
    await house.account("hoa")
    await log_in(browser)
    former = browser.cookies[cookies.REFRESH]
    await log_in(browser)
    renewed = await browser.post("/members/api/v1/sessions/refresh", json={"refresh": former})
    assert renewed.status_code == 401


async def test_home_is_the_place_of_the_office_held(house, browser):
    assert (await browser.get("/")).headers["location"] == "/login"
    account = await house.account("hoa")
    await house.holds(account, "cell_secretary", "cell-1")
    await log_in(browser)
    assert (await browser.get("/")).headers["location"] == "/meetings"


@pytest.mark.parametrize(
    ("offices", "home"),
    [
        ((Office.INSPECTOR,), "/inspection/wall"),
        ((Office.MEMBER, Office.COMMITTEE_OFFICE), "/inspection/wall"),
        ((Office.MINUTE_TAKER,), "/meetings"),
        ((Office.MEMBER,), "/meetings"),
        ((Office.OPERATOR,), "/members"),
        ((), "/notifications"),
    ],
)
def test_each_kind_of_user_has_a_home(offices, home):
    assert home_of(Actor("a", None, tuple(HeldOffice(office, "o") for office in offices))) == home


async def change(browser, page, **typed):
    fields = {"csrf": value_of(page.text, "csrf"), "present": PASSWORD, "password": NEW, "again": NEW} | typed
    return await browser.post("/members/password", data=fields)


async def test_ones_own_password_is_changed_on_a_page_and_asked_for_again(house, browser):
    account = await house.account("hoa")
    await house.holds(account, "cell_secretary", "cell-1")
    await log_in(browser)
    page = await browser.get("/members/password", headers={"Accept": "text/html"})
    assert page.status_code == 200
    wrong = await change(browser, page, present="không phải câu này")
    assert (wrong.status_code, "Mật khẩu đang dùng chưa đúng" in wrong.text) == (401, True)
    assert "chưa giống nhau" in (await change(browser, page, again="gõ nhầm một chút")).text
    assert "ký tự" in (await change(browser, page, password="ngắn", again="ngắn")).text
    changed = await change(browser, page)
    assert (changed.status_code, changed.headers["location"]) == (303, "/login")
    assert cookies.SESSION not in browser.cookies
    assert "Đã đổi mật khẩu" in (await browser.get("/login")).text
    assert (await log_in(browser)).status_code == 401
    assert (await log_in(browser, password=NEW)).status_code == 303


async def test_the_password_of_an_open_browser_cannot_be_changed_by_another_site(house, browser):
    await house.account("hoa")
    await log_in(browser)
    answer = await browser.post("/members/password", data={"present": PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 403
