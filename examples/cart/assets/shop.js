// What pages gain by a script; each of them works without.

// Puts new content into an element. Opened details stay open, and what had the focus has it again.
const fill = (element, nodes) => {
  const all = (selector) => [...element.querySelectorAll(selector)];
  const focusable = "a, button, input, summary, [tabindex]";
  const open = all("details").map((details) => details.open);
  const focused = all(focusable).indexOf(document.activeElement);
  element.replaceChildren(...nodes);
  all("details").forEach((details, place) => (details.open = open[place] ?? false));
  if (focused >= 0) all(focusable)[focused]?.focus({ preventScroll: true });
};

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// Takes an element's content from another copy of its page.
const swap = (selector, html) => {
  const element = document.querySelector(selector);
  const fresh = parse(html).querySelector(selector);
  if (!element || !fresh) return;
  if (fresh.dataset.refresh) element.dataset.refresh = fresh.dataset.refresh;
  if (element.innerHTML !== fresh.innerHTML) fill(element, fresh.childNodes);
};

const load = async (address, signal) => {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
};

// Forms that ask: their answer follows what is typed or moved.
for (const form of document.querySelectorAll("form[data-swap]")) {
  let asked = new AbortController();
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      asked.abort();
      asked = new AbortController();
      const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
      try {
        swap(form.dataset.swap, await load(address, asked.signal));
        history.replaceState(null, "", address);
      } catch {} // The next input or the button asks again.
    }, 120);
  });
}

// Streams: each message is the newest form of the element's content.
for (const element of document.querySelectorAll("[data-stream]")) {
  const stream = new EventSource(element.dataset.stream);
  stream.onopen = () => element.toggleAttribute("data-live", true);
  stream.onerror = () => element.toggleAttribute("data-live", false);
  stream.onmessage = (message) => fill(element, parse(message.data).body.childNodes);
  addEventListener("pagehide", () => stream.close());
}

// Elements that are loaded again and again while somebody looks.
const refresh = (id) => {
  const element = document.getElementById(id);
  setTimeout(async () => {
    // Not under a finger or a pointer that is about to let go.
    if (!document.hidden && !element.querySelector(":active")) await load(location.href).then((html) => swap(`#${id}`, html), () => {});
    refresh(id);
  }, Number(element.dataset.refresh));
};
for (const element of document.querySelectorAll("[data-refresh]")) refresh(element.id);
