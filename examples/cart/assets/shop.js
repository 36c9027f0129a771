// What pages gain by a script; each of them works without.

const swap = (selector, html) => {
  const old = document.querySelector(selector);
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(selector);
  if (!old || !fresh || old.outerHTML === fresh.outerHTML) return;
  // Opened details stay open, and what has the focus keeps it.
  const open = [...old.querySelectorAll("details")].map((details) => details.open);
  fresh.querySelectorAll("details").forEach((details, place) => (details.open = open[place] ?? false));
  const focused = old.contains(document.activeElement) && document.activeElement.id;
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
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
  stream.onmessage = (message) => {
    const fresh = `<div id="${element.id}">${message.data}</div>`;
    const open = [...element.querySelectorAll("details")].map((details) => details.open);
    element.replaceChildren(...new DOMParser().parseFromString(fresh, "text/html").body.firstChild.childNodes);
    element.querySelectorAll("details").forEach((details, place) => (details.open = open[place] ?? false));
  };
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
