/* The waiting list on a wide screen: a row opens its decision beside the list instead of on a page of its
   own, and marks itself. */
(() => {
  "use strict";
  document.addEventListener("htmx:beforeRequest", (event) => {
    const box = document.getElementById("decision");
    const link = event.detail.elt;
    if (event.detail.target !== box) return;
    if (box.offsetParent === null) {
      event.preventDefault(); // no room beside the list: the row's own page
      location.assign(link.href);
    } else if (link.hasAttribute("aria-current")) {
      event.preventDefault(); // she stands there already, and something may be half written
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const link = event.detail.requestConfig?.elt;
    if (event.detail.target.id !== "decision" || !link) return;
    document.querySelector(".waiting-list [aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    event.detail.target.scrollTop = 0;
  });
})();
