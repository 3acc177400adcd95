/* A session that has ended under an open page: sign in over the covered page, then go on.
   Nothing of the page shows while nobody is signed in, and it stays only if the same person comes back. */
(() => {
  "use strict";
  const dialog = document.getElementById("sign-in");
  if (!dialog || !dialog.showModal) return;
  const place = dialog.querySelector("[data-place]");
  const user = document.body.dataset.user;

  const read = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

  const show = (page) => {
    const form = page.querySelector("form[data-sign-in]");
    if (!form) return false;
    place.replaceChildren(...page.querySelectorAll(".error-summary"), form);
    (place.querySelector("[aria-invalid=true]") || place.querySelector("input:not([type=hidden])")).focus();
    return true;
  };

  /* A page of ours that knows who is signed in: go on as the same person, else leave this page. */
  const goOn = (page) => {
    if (page.body.dataset.user !== user) {
      document.body.replaceChildren();
      window.location.replace("/");
      return;
    }
    const token = page.querySelector("[name=csrfmiddlewaretoken]").value;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => (input.value = token));
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    place.replaceChildren();
    dialog.close();
    document.dispatchEvent(new CustomEvent("koll:signed-in"));
  };

  const open = async () => {
    if (dialog.open) return;
    dialog.showModal();
    const page = await read(await fetch(dialog.dataset.url, { headers: { "Cache-Control": "no-cache" } }));
    if (!show(page)) goOn(page);
  };

  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-sign-in]")) return;
    event.preventDefault();
    const body = new FormData(event.target);
    const page = await read(await fetch(event.target.action, { method: "POST", body }));
    if (!show(page)) goOn(page);
  });
  dialog.querySelector("[data-again]").addEventListener("click", async () => {
    const page = await read(await fetch(dialog.dataset.url));
    if (!show(page)) goOn(page);
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) open();
  });
  document.addEventListener("koll:signed-out", open);
})();
