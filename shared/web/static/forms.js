// Nothing typed is lost, nothing is sent twice. Without this file every form still works.
//   form[data-outbox]       sent in the background, in order, with its idempotency key; kept on this machine while offline
//     data-label="speaker"  the field whose text names the entry in the list of what is not yet sent
//     data-autosubmit       sent as soon as a choice is made (roll-call)
//   ul[data-pending="/path"]  lists entries for that form action that are not yet sent
//   textarea, [data-draft]  kept as typed until the form was taken
"use strict";
(() => {
  const root = document.documentElement, body = document.body, banner = document.querySelector(".offline");
  const reader = body.dataset.reader || "";
  const OUTBOX = "chibo.outbox." + reader, DRAFT = "chibo.draft." + reader + ".", TAKEN = "chibo.sent";
  root.classList.add("js");

  const read = (store, key) => { try { return JSON.parse(store.getItem(key)) || []; } catch { return []; } };
  const queue = () => read(localStorage, OUTBOX);
  const keep = (entries) => { localStorage.setItem(OUTBOX, JSON.stringify(entries)); show(); };
  const say = (name, n) => banner.dataset[name].replace("%n", n);

  function newKey() { // crypto.randomUUID exists only over https and on this machine
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64; b[8] = (b[8] & 63) | 128;
    return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + x.toString(16).padStart(2, "0")).join("");
  }

  // What waits, where the reader sees it -----------------------------------------------------------------
  let failing = false;
  function show() {
    const waiting = queue();
    const offline = !navigator.onLine || failing;
    banner.hidden = !(offline && (failing || waiting.length || document.querySelector("[data-outbox]"))) && !waiting.length;
    banner.classList.toggle("sending", !offline);
    const parts = offline ? [say("offline", 0)] : [];
    if (waiting.length) parts.push(say(offline ? "waiting" : "sending", waiting.length));
    banner.textContent = parts.join(" · ");
    for (const list of document.querySelectorAll("[data-pending]")) {
      list.replaceChildren(...waiting.filter((e) => e.action.startsWith(list.dataset.pending)).map((entry) => {
        const item = document.createElement("li");
        item.className = "pending";
        item.textContent = entry.label;
        item.dataset.note = banner.dataset.unsent;
        return item;
      }));
      list.hidden = !list.children.length;
    }
  }

  // Sending ---------------------------------------------------------------------------------------------
  const labelOf = (form, data) => {
    const named = form.dataset.label && form.elements[form.dataset.label];
    if (named instanceof HTMLSelectElement) return named.selectedOptions[0].textContent.trim();
    return (data.get(form.dataset.label) || form.getAttribute("aria-label") || form.querySelector("textarea")?.value || "").trim();
  };

  function post(form, submitter) {
    const data = new URLSearchParams(new FormData(form, submitter));
    if (!data.get("idempotency_key")) data.set("idempotency_key", newKey());
    const action = new URL((submitter && submitter.getAttribute("formaction")) || form.action, location.href);
    keep([...queue(), { key: data.get("idempotency_key"), action: action.pathname + action.search, body: data.toString(), label: labelOf(form, data) }]);
    const key = form.elements.idempotency_key;
    if (key) key.value = newKey(); // the next entry is another one
    form.querySelector(":scope > .state.error")?.remove();
    if (!form.hasAttribute("data-autosubmit")) form.reset();
    forget(form);
    flush();
  }

  let sending = false, wait = 2000, timer;
  async function flush() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    try {
      if (navigator.locks) await navigator.locks.request(OUTBOX, sendAll);
      else await sendAll();
    } finally { sending = false; show(); }
    if (queue().length) { timer = setTimeout(flush, wait); wait = Math.min(wait * 2, 60000); } else wait = 2000;
  }

  async function sendAll() {
    let last;
    while (queue().length) {
      const entry = queue()[0];
      const data = new URLSearchParams(entry.body);
      const token = document.querySelector("input[name=csrf]")?.value;
      if (token) data.set("csrf", token);
      let answer;
      try {
        answer = await fetch(entry.action, { method: "POST", body: data, headers: { Accept: "text/html", "Idempotency-Key": entry.key } });
      } catch { failing = true; return; }
      if (answer.status >= 500 || [408, 425, 429].includes(answer.status)) { failing = true; return; }
      failing = false;
      if (answer.status === 401 || new URL(answer.url).pathname === "/login") {
        location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search)); // the entry waits here
        return;
      }
      keep(queue().filter((e) => e.key !== entry.key));
      if (!answer.ok) await refused(entry, answer);
      else last = answer;
    }
    if (last) await taken(last);
  }

  // What was taken is shown by the page that the form leads to; parts of it that are here are replaced.
  async function taken(answer) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const parts = [...document.querySelectorAll("[data-refresh][id]")];
    if (!parts.length || new URL(answer.url).pathname !== location.pathname) { location.assign(answer.url); return; }
    for (const part of parts) {
      const fresh = page.getElementById(part.id);
      if (fresh) replace(part, fresh);
    }
  }

  // Puts fresh content in place without taking the reader's focus, typing or opened details away, and calls `marked` for
  // what changed. False when it must wait: the reader is typing there, or has entries on the way that it does not show yet.
  const TYPED = "textarea, select, input:not([type=radio], [type=checkbox])";
  function replace(part, fresh, marked) {
    if (part.innerHTML === fresh.innerHTML) return true;
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    if (active?.matches(TYPED) || (part.hasAttribute("data-refresh") && queue().length)) return false;
    const said = (element) => element.textContent + element.className;
    const before = new Map([...part.querySelectorAll("[id]")].map((element) => [element.id, said(element)]));
    const open = [...part.querySelectorAll("details[id][open]")].map((element) => element.id);
    part.replaceChildren(...fresh.childNodes);
    for (const element of part.querySelectorAll("[id]")) {
      if (open.includes(element.id)) element.open = true;
      if (marked && before.get(element.id) !== said(element) && !element.querySelector("[id]")) marked(element);
    }
    if (active?.id) document.getElementById(active.id)?.focus();
    prepare();
    show();
    return true;
  }
  window.chibo = { replace };

  // Refused: say why beside the form, and give back what was typed.
  async function refused(entry, answer) {
    const text = await answer.text();
    let reason;
    if ((answer.headers.get("content-type") || "").includes("json")) {
      const problem = JSON.parse(text);
      reason = [problem.title, problem.detail, problem.source].filter(Boolean).join(" · ");
    } else {
      const page = new DOMParser().parseFromString(text, "text/html");
      const found = page.querySelector("[data-problem], [role=alert], .error");
      reason = (found?.innerText || found?.textContent || page.title).replace(/\s+/g, " ").trim();
    }
    const form = [...document.forms].find((f) => new URL(f.action, location.href).pathname === entry.action.split("?")[0]);
    const box = document.createElement("div");
    box.className = "state error";
    box.setAttribute("role", "alert");
    const title = document.createElement("p");
    title.className = "state-title";
    title.textContent = banner.dataset.refused + (entry.label ? ": " + entry.label : "");
    const why = document.createElement("p");
    why.textContent = reason;
    box.append(title, why);
    if (!form) { document.getElementById("main").prepend(box); return; }
    form.prepend(box);
    if (form.hasAttribute("data-autosubmit")) return form.reset();
    for (const [name, value] of new URLSearchParams(entry.body)) {
      const field = form.elements[name];
      if (field && !["csrf", "idempotency_key"].includes(name) && !field.value) field.value = value;
    }
  }

  // Drafts ----------------------------------------------------------------------------------------------
  const drafted = (form) => [...form.elements].filter((e) => e.name && e.matches("textarea, [data-draft]"));
  const nameOf = (field) => DRAFT + (field.form.getAttribute("action") || location.pathname) + "#" + (field.form.id || "") + "." + field.name;
  const forget = (form) => drafted(form).forEach((field) => localStorage.removeItem(nameOf(field)));

  function prepare() {
    const { from, names } = read(sessionStorage, TAKEN);
    sessionStorage.removeItem(TAKEN);
    // the form was taken when it led to another page that names no problem
    if (names && from !== location.href && !document.querySelector("[data-problem]")) names.forEach((name) => localStorage.removeItem(name));
    for (const form of document.forms) for (const field of drafted(form)) {
      const kept = localStorage.getItem(nameOf(field));
      if (kept && !field.value) field.value = kept;
    }
  }

  document.addEventListener("input", ({ target }) => {
    if (!target.form || !target.name || !target.matches("textarea, [data-draft]")) return;
    if (target.value) localStorage.setItem(nameOf(target), target.value);
    else localStorage.removeItem(nameOf(target));
  });
  document.addEventListener("change", ({ target }) => {
    if (target.form?.matches("[data-autosubmit]")) target.form.requestSubmit();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.hasAttribute("data-leaves")) return leave(event);
    if (form.hasAttribute("data-outbox") && !form.querySelector("input[type=file]")) {
      event.preventDefault();
      post(form, event.submitter);
      return;
    }
    if (form.dataset.sent) { event.preventDefault(); return; } // a second press changes nothing
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    sessionStorage.setItem(TAKEN, JSON.stringify({ from: location.href, names: drafted(form).map(nameOf) }));
  });

  // A shared machine keeps nothing of who has left.
  function leave(event) {
    const waiting = queue().length;
    if (waiting && !confirm(say("leave", waiting))) { event.preventDefault(); return; }
    for (const name of Object.keys(localStorage)) if (name === OUTBOX || name.startsWith(DRAFT)) localStorage.removeItem(name);
  }

  addEventListener("pageshow", (event) => { // back to a page kept in memory: its forms may be sent again
    if (event.persisted) for (const form of document.forms) { delete form.dataset.sent; form.querySelector("[aria-busy]")?.removeAttribute("aria-busy"); }
  });
  addEventListener("online", () => { failing = false; wait = 2000; flush(); });
  addEventListener("offline", show);
  addEventListener("storage", show);
  // what is current in a bar that scrolls sideways is in sight
  for (const current of document.querySelectorAll(":is(.steps, .places, .tabs) [aria-current]")) {
    const bar = current.closest(".steps, .places, .tabs");
    bar.scrollLeft = current.offsetLeft - bar.offsetLeft - (bar.clientWidth - current.offsetWidth) / 2;
  }
  prepare();
  show();
  if (queue().length) flush();
})();
