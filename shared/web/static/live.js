// Live changes: the server names a topic, the parts of the page that follow it are fetched again and softly marked.
//   <body data-live-src="/inspection/live">           the event stream; `event: wall`, `data: {"at": "meetings.2.4711"}`
//   <section id="wall" data-live="wall meeting" data-src="/inspection/wall?…">   the same id is looked up in the answer
// A stream begins with `event: ready`. When it says `{"missed": true}` (something changed while the page was on its way, or
// while a broken stream was opened again), everything is fetched once.
"use strict";
(() => {
  const source = document.body.dataset.liveSrc;
  const mark = document.querySelector(".live");
  let stream, timer, wait = 1000, opened = false;

  function show(state) {
    if (!mark) return;
    mark.hidden = false;
    mark.dataset.state = state;
    mark.textContent = mark.dataset[state + "Text"];
  }

  const parts = () => [...document.querySelectorAll("[data-live]")];
  const topics = () => new Set(parts().flatMap((part) => part.dataset.live.split(/\s+/)));

  // One fetch of an address at a time, and not more than two a second: what is told meanwhile is seen by the next.
  const addressOf = (part) => new URL(part.dataset.src || location.href, location.href).href;
  const under = new Map(); // address being fetched -> the position told meanwhile; "" when there is none, null when nothing was
  async function refresh(address, at) {
    if (under.has(address)) { under.set(address, at); return; }
    under.set(address, null);
    const shown = () => parts().filter((part) => addressOf(part) === address);
    const asked = new URL(address);
    if (at) asked.searchParams.set("at", at);
    try {
      const answer = await fetch(asked, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of shown()) {
          const fresh = page.getElementById(part.id);
          if (fresh && !chibo.replace(part, fresh, softly)) under.set(address, under.get(address) ?? "");
        }
      }
    } catch { /* the stream's own state tells of a lost connection */ }
    setTimeout(() => {
      const again = under.get(address);
      under.delete(address);
      if (again !== null && shown().length) refresh(address, again);
    }, 500);
  }

  function softly(element) {
    element.classList.add("changed");
    element.addEventListener("animationend", () => element.classList.remove("changed"), { once: true });
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) element.classList.remove("changed");
  }

  function heard(event) {
    let at = "";
    try { at = JSON.parse(event.data).at || ""; } catch { /* a topic without details */ }
    const meant = parts().filter((part) => part.dataset.live.split(/\s+/).includes(event.type));
    new Set(meant.map(addressOf)).forEach((address) => refresh(address, at));
  }

  function connect() {
    clearTimeout(timer);
    stream?.close();
    stream = new EventSource(source);
    for (const topic of topics()) stream.addEventListener(topic, heard);
    stream.onopen = () => { show("live"); wait = 1000; };
    stream.addEventListener("ready", (event) => {
      const again = opened;
      opened = true;
      if (!again && !JSON.parse(event.data).missed) return;
      const outer = parts().filter((part) => !part.parentElement.closest("[data-live]"));
      new Set(outer.map(addressOf)).forEach((address) => refresh(address, ""));
    });
    stream.onerror = () => {
      show(navigator.onLine ? "waiting" : "offline");
      if (stream.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, 30000);
    };
  }

  if (!source) return;
  addEventListener("offline", () => show("offline"));
  addEventListener("online", connect); // the old stream may be dead without knowing it
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
  connect();
})();
