"""The browser of the machine, and what is looked for on every page it shows."""

from pathlib import Path
from typing import Any, Final

CHROMIUM: Final = Path("/usr/bin/chromium")
LAUNCH: Final[dict[str, Any]] = {
    "executable_path": str(CHROMIUM),
    "args": [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
"""How playwright starts it."""

# What a reader of the page by ear or by keyboard stumbles over, in words; empty when all is well.
STUMBLES = """() => {
  const found = [], all = (q) => [...document.querySelectorAll(q)], name = (e) => (e.getAttribute('aria-label')
    || e.labels?.[0]?.textContent || e.innerText || e.textContent || e.title || '').trim();
  const ids = all('[id]').map((e) => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => found.push('id twice: ' + id));
  if (all('h1').length !== 1) found.push('h1: ' + all('h1').length);
  if (all('main').length !== 1) found.push('main: ' + all('main').length);
  let level = 0;
  all('h1,h2,h3,h4').forEach((h) => {
    if (h.tagName[1] > level + 1) found.push('skips to ' + h.outerHTML);
    level = +h.tagName[1];
  });
  all('a,button,summary,input:not([type=hidden]),select,textarea').forEach(
    (e) => name(e) || found.push('no name: ' + e.outerHTML));
  all('img:not([alt])').forEach((e) => found.push('no alt: ' + e.outerHTML));
  all('[aria-describedby]').forEach((e) => e.getAttribute('aria-describedby').split(' ').forEach(
    (id) => document.getElementById(id) || found.push('describes nothing: ' + id)));
  all('nav,aside').forEach((e) => e.getAttribute('aria-label') || found.push('no label: ' + e.outerHTML.slice(0, 80)));
  all('table').forEach((e) => e.caption || e.getAttribute('aria-labelledby') || found.push('no caption'));
  all('[style],[onclick]').forEach((e) => found.push('inline: ' + e.outerHTML));
  if (!document.documentElement.lang) found.push('no lang');
  return found;
}"""

# What a thumb would miss: under 44 px high, or under 24 px wide. A link within a sentence is as high as its line; the
# heads of a table are only heard on a phone.
SMALL = """() => [...document.querySelectorAll('a,button,summary,select,textarea,input:not([type=hidden])')]
  .filter((e) => e.checkVisibility() && !e.closest('.skip, thead, p:not(.actions, .languages, .check)'))
  .filter((e) => {
    const box = (e.matches('[type=checkbox]') ? e.parentElement : e).getBoundingClientRect();
    return box.height < 43.5 || box.width < 23.5;
  }).map((e) => e.outerHTML.slice(0, 120))"""
