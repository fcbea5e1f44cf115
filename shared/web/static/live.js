// Live changes: the server names a topic, the parts of the page that follow it are fetched again and softly marked.
//   <body data-live-src="/inspection/live">           the event stream; `event: wall`, `data: {"at": "meetings.2.4711"}`
//   <section id="wall" data-live="wall meeting" data-src="/inspection/wall?…">   the same id is looked up in the answer
// A stream that breaks is opened again, and everything is fetched once: what was missed meanwhile is then seen.
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

  // One fetch of a part at a time, and not more than two a second: events that come meanwhile are seen by the next.
  async function refresh(part, at) {
    if (part.liveBusy) { part.liveAgain = at || true; return; }
    part.liveBusy = true;
    const address = new URL(part.dataset.src || location.href, location.href);
    if (at) address.searchParams.set("at", at);
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(part.id);
        if (fresh && !chibo.replace(part, fresh, softly)) part.liveAgain = true;
      }
    } catch { /* the stream's own state tells of a lost connection */ }
    setTimeout(() => {
      const again = part.liveAgain;
      part.liveBusy = part.liveAgain = false;
      if (again && part.isConnected) refresh(part, again === true ? "" : again);
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
    for (const part of parts()) if (part.dataset.live.split(/\s+/).includes(event.type)) refresh(part, at);
  }

  function connect() {
    clearTimeout(timer);
    stream?.close();
    stream = new EventSource(source);
    for (const topic of topics()) stream.addEventListener(topic, heard);
    stream.onopen = () => {
      show("live");
      wait = 1000;
      if (opened) parts().filter((part) => !part.parentElement.closest("[data-live]")).forEach((part) => refresh(part));
      opened = true;
    };
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
