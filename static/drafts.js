/* A form that is being written: kept on the server every few seconds, never in the browser.
   When the sign-in has run out the page is covered until the writer has signed in again (sign-in.js); when
   somebody else has signed in, the page is emptied. Without script the server sees to the same when the
   form is sent. */
(() => {
  "use strict";
  const find = (form, what) => form.querySelector(what) || document.querySelector(what);
  const altered = (field) =>
    /^(radio|checkbox)$/.test(field.type)
      ? field.checked !== field.defaultChecked
      : "defaultValue" in field && field.value !== field.defaultValue;
  /* Then the browser itself puts back what stood there, and all of it may be saved already. */
  const turnedBack = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";

  const begin = (form) => {
    if (form.dataset.begun) return;
    form.dataset.begun = "yes";
    const line = find(form, "[data-draft-line]");
    const says = find(form, "[data-draft-says]");
    const PAUSE = 1200; // ms after the last key
    const LONGEST = 4000; // ms of writing without a pause
    const TRUSTED = 20000; // ms since the server last knew us

    let unsent = false;
    let since = 0;
    let timer = 0;
    let known = Date.now();
    let saving = false;
    let waiting = null; // the button that was pressed when the sign-in had run out
    let underway = null;

    const written = () => new URLSearchParams(new FormData(form));
    const tell = (text) => {
      if (!text) return;
      says.textContent = text;
      line.hidden = false;
    };

    const post = async (body) => {
      underway = new AbortController();
      const response = await fetch(form.dataset.draft, { method: "POST", body, signal: underway.signal });
      if (response.status === 409) leave();
      else if (response.status === 401) document.dispatchEvent(new CustomEvent("koll:signed-out"));
      else if (response.ok) {
        known = Date.now();
        const answer = await response.json();
        tell(answer.says);
      }
      return response.status;
    };

    const keep = async () => {
      clearTimeout(timer);
      since = 0;
      if (saving) return 0;
      unsent = false;
      try {
        const status = await post(written());
        if (status >= 500) throw new Error(String(status));
        return status;
      } catch (error) {
        if (error.name !== "AbortError") {
          unsent = true;
          tell(form.dataset.noContact);
          timer = setTimeout(keep, 10000);
        }
        return 0;
      }
    };

    const ask = async () => {
      try {
        const body = new URLSearchParams({ proof: form.elements.proof.value, ask: "1" });
        return await post(body);
      } catch {
        return 0;
      }
    };

    const changed = () => {
      unsent = true;
      since = since || Date.now();
      clearTimeout(timer);
      timer = setTimeout(keep, Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
    };
    form.addEventListener("input", changed);
    if (!turnedBack() && [...form.elements].some(altered)) changed(); // written before this script had come
    form.addEventListener("focusout", () => unsent && keep());
    document.addEventListener("visibilitychange", () => {
      if (!form.isConnected) return;
      if (document.visibilityState === "visible") ask();
      else if (unsent && !saving) navigator.sendBeacon(form.dataset.draft, written());
    });
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted || !form.isConnected) return;
      saving = false;
      ask();
    });

    /* Saving: asked first when the server has not been heard for a while, so that the answer to a form
       is never a sign-in page or the browser's "no connection". */
    form.addEventListener("submit", async (event) => {
      if (saving) return;
      if (Date.now() - known < TRUSTED && navigator.onLine) {
        stop();
        return;
      }
      event.preventDefault();
      waiting = event.submitter;
      if ((await keep()) === 200) go();
    });
    const stop = () => {
      saving = true;
      clearTimeout(timer);
      underway?.abort();
    };
    const go = () => {
      const button = waiting;
      waiting = null;
      stop();
      form.requestSubmit(button);
    };

    document.addEventListener("koll:signed-in", async () => {
      if (!form.isConnected) return;
      const status = await (waiting || unsent ? keep() : ask());
      if (status === 200 && waiting) go();
    });

    /* Somebody else has signed in: nothing of the text may be seen. The server has kept it for the writer. */
    const leave = () => {
      stop();
      document.body.replaceChildren();
      location.replace(form.dataset.away);
    };
  };

  /* A form may also come in a part of a page. */
  document.querySelectorAll("form[data-draft]").forEach(begin);
  document.addEventListener("htmx:load", (event) =>
    event.detail.elt.querySelectorAll("form[data-draft]").forEach(begin)
  );
})();
