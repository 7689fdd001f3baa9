"use strict";
(() => {
  const table = document.querySelector("table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const cells = (row) => [...row.cells].map((cell) => cell.textContent.trim());
  const texts = new Map(rows.map((row) => [row, cells(row)]));
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const isUp = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      const key = (row) => texts.get(row)[column];
      const compare = (a, b) => {
        if ((a === "") !== (b === "")) return a === "" ? 1 : -1; // empty cells last
        const order = Number.isNaN(Number(a) - Number(b)) ? a.localeCompare(b) : Number(a) - Number(b);
        return isUp ? order : -order;
      };
      body.append(...[...rows].sort((a, b) => compare(key(a), key(b))));
    });
  });
  const filter = document.createElement("input");
  filter.type = "search";
  filter.placeholder = "Filter, such as adam or made up";
  filter.setAttribute("aria-label", "Filter the points");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = texts.get(row).join(" ").toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  table.parentElement.before(filter);
})();
