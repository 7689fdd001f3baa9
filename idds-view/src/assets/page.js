// Keeps a page up to date. It shows all of itself without this, too.
"use strict";
(() => {
  const main = document.getElementById("main");
  const connection = document.getElementById("connection");

  // Turns an element into another one, and leaves alone what is the same: what has the focus, is open or is scrolled stays so.
  const morph = (old, next) => {
    if (old.nodeType !== next.nodeType || old.nodeName !== next.nodeName || (old.id || "") !== (next.id || "")) {
      old.replaceWith(next);
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
      return;
    }
    if (old.isEqualNode(next)) return;
    for (const { name } of [...old.attributes]) {
      // Whether something is open is up to the reader.
      if (!next.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS") && !name.startsWith("data-own")) old.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (old.hasAttribute("data-own")) return;
    const olds = [...old.childNodes];
    const nexts = [...next.childNodes];
    nexts.forEach((child, index) => (index < olds.length ? morph(olds[index], child) : old.append(child)));
    olds.slice(nexts.length).forEach((child) => child.remove());
  };

  const show = ({ id, html }) => {
    const old = document.getElementById(id);
    const next = new DOMParser().parseFromString(html, "text/html").getElementById(id);
    if (!next) return;
    if (old) morph(old, document.adoptNode(next));
    else main.append(document.adoptNode(next));
    document.dispatchEvent(new CustomEvent("part", { detail: id }));
  };

  const tell = (text, isLost) => {
    connection.textContent = text;
    connection.classList.toggle("lost", Boolean(isLost));
  };

  let events = null;
  let isOver = false;
  let seen = main?.dataset.seen;
  const follow = () => {
    if (events || isOver || !seen) return;
    const address = new URL(location.href);
    address.hash = "";
    // Behind all else, so that the address reads as that of the page.
    address.search += (address.search ? "&" : "?") + "seen=" + seen;
    events = new EventSource(address);
    events.addEventListener("open", () => tell("live"));
    events.addEventListener("error", () => {
      if (isOver) return;
      if (events?.readyState === EventSource.CLOSED) events = null;
      tell("not connected; what you see may be old", true);
    });
    events.addEventListener("part", (event) => {
      seen = "0";
      show(JSON.parse(event.data));
    });
    events.addEventListener("title", (event) => (document.title = JSON.parse(event.data)));
    events.addEventListener("trouble", (event) => {
      const why = JSON.parse(event.data);
      tell(why || "live", why);
    });
    events.addEventListener("over", () => {
      isOver = true;
      events.close();
      tell("the server has ended; this is the last it said", true);
    });
  };
  const rest = () => {
    events?.close();
    events = null;
  };
  // A browser has few connections to one server, and a tab that nobody sees needs none.
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : follow()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", () => document.hidden || follow());

  for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
})();
