/* What a hand on a phone would feel; run in the page by tests/look/walk.py. */
() => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== "hidden" && !element.closest("[inert], .visually-hidden");
  };
  const name = (element) =>
    `${element.tagName.toLowerCase()}.${element.className} "${(element.innerText || element.name || element.value || "").trim().slice(0, 30)}"`;

  if (document.documentElement.scrollWidth > width) {
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > width + 1 && !element.closest("svg, .table-scroll")
    );
    found.push(`scrolls sideways (${document.documentElement.scrollWidth} px): ${wide.slice(-1).map(name)}`);
  }
  if (matchMedia("(max-width: 500px)").matches) {
    const actions = "main .btn, main table a[href]:not(.dispute), main .rows a[href], main button, main input:not([type=hidden]), main select, main textarea, main summary";
    const main = [...document.querySelectorAll("main .btn-primary")].find((button) => shown(button) && !button.form?.querySelector("input:not([type=hidden]), select, textarea"));
    const action = main || [...document.querySelectorAll(actions)].find(shown);
    if (action && action.getBoundingClientRect().top > innerHeight - 20) {
      found.push(`first action out of sight (${Math.round(action.getBoundingClientRect().top)} px): ${name(action)}`);
    }
    const targets = "button, .btn, select, input:not([type=hidden]), textarea, summary, .chip, .rail-item, .menu-item, .back";
    for (const element of document.querySelectorAll(targets)) {
      const target = element.matches("input[type=checkbox], input[type=radio]")
        ? element.closest("label, .form-check") || element
        : element.matches(".find input") ? element.closest(".find") : element;
      if (!shown(target)) continue;
      const box = target.getBoundingClientRect();
      if (box.height < 43.5 || box.width < 43.5) {
        found.push(`target ${Math.round(box.width)} x ${Math.round(box.height)}: ${name(element)}`);
      }
    }
  }
  const small = [...document.querySelectorAll("main *, .rail *, .topbar *")].filter(
    (element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
      shown(element) && !element.closest("svg") && parseFloat(getComputedStyle(element).fontSize) < 13.9
  );
  if (small.length) found.push(`text under 14 px: ${name(small[0])}`);
  return found;
};
