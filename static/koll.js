/* What a page can do beyond links and forms. Everything works without it, only slower. */
(() => {
  "use strict";
  const typing = (element) =>
    element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
  const say = (text) => {
    const region = document.getElementById("says");
    if (region && text) region.textContent = text;
  };

  /* "/" to the search; J and K between the rows of a list marked data-moves. Dead while typing,
     and off for the one who has switched it off in the me-menu (WCAG 2.1.4). */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = event.target.closest?.("details.menu[open]") || document.querySelector("details.menu[open]");
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.body.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = document.getElementById("search");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
      return;
    }
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    const list = step && document.querySelector("[data-moves]");
    if (!list) return;
    const stops = [...list.querySelectorAll("[data-stop]")].filter((stop) => stop.offsetParent !== null);
    if (!stops.length) return;
    const held = stops.indexOf(document.activeElement.closest("[data-stop]"));
    const chosen = stops.findIndex((stop) => stop.hasAttribute("aria-current"));
    const from = held >= 0 ? held : chosen;
    const next = stops[Math.min(stops.length - 1, Math.max(0, from + step))];
    event.preventDefault();
    next.focus();
    if (list.dataset.moves === "open" && next.href) next.click();
  });

  /* Menus close when one clicks or moves beside them. */
  const closeOthers = (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  };
  document.addEventListener("click", closeOthers);
  document.addEventListener("focusin", closeOthers);

  /* A select or box marked data-sends sends its form when it changes; the button beside it is for those
     without script. */
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-sends]")) event.target.form.requestSubmit();
  });
  document.querySelectorAll("[data-no-script]").forEach((element) => element.remove());

  /* Buttons marked data-fills write a proposal into a field: nothing is filled in until they are pressed. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fills]");
    if (!button) return;
    const field = document.getElementById(button.dataset.fills);
    field.value = button.dataset.with;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  /* A form is sent once. Back, or a restored page, makes it ready again. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  window.addEventListener("pageshow", () =>
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent)
  );

  /* What a search found can be gone back to without sending it again. */
  if (document.querySelector("[data-goes-back-by-get]")) history.replaceState(null, "", location.href);

  /* data-prints prints, data-prints-now as soon as the page is there; data-fades goes away by itself after so many seconds ("Ångra" for ten). */
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-prints]")) window.print();
  });
  if (document.querySelector("[data-prints-now]")) window.addEventListener("load", () => window.print());
  const fade = (root) =>
    root.querySelectorAll("[data-fades]").forEach((element) =>
      setTimeout(() => element.remove(), Number(element.dataset.fades) * 1000)
    );
  fade(document);

  /* The error summary takes focus when the page comes back with faults. */
  document.querySelector("[data-takes-focus]")?.focus();

  /* Charts are scaled by the page; their values are read by arrow keys too. */
  document.addEventListener("keydown", (event) => {
    const point = event.target.closest?.(".chart .point");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!point || !step) return;
    const points = [...point.closest(".chart").querySelectorAll(".point")];
    const next = points[points.indexOf(point) + step];
    if (next) {
      event.preventDefault();
      points.forEach((each) => each.setAttribute("tabindex", "-1"));
      next.setAttribute("tabindex", "0");
      next.focus();
    }
  });

  /* htmx: say what changed, keep focus, and tell when the server could not be reached. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const swapped = event.detail.target;
    fade(swapped);
    say(swapped.querySelector?.("[data-says]")?.dataset.says || swapped.dataset?.says);
  });
  const fault = document.body.dataset.fault;
  document.addEventListener("htmx:sendError", () => say(fault));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401 || event.detail.xhr.status === 403) return;
    say(fault);
  });
})();
