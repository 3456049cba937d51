import { element } from "./element";

export interface Cell {
    text: string;
    /** What the column is sorted by. @default text */
    key?: number;
    /** Called when the cell, which is then a button, is pressed. */
    open?: () => void;
}
interface Column {
    name: string;
    numeric?: boolean;
}

const wordOf = { ascending: "▲", descending: "▼" };

/** A table that is sorted by the buttons in its head, and filtered by the words in the field above it. */
export function table(title: string, columns: Column[], rows: Cell[][], filter = true): HTMLElement {
    const body = element("tbody");
    const all = rows.map((cells) => ({ cells, row: rowOf(cells, columns) }));
    body.append(...all.map(({ row }) => row));
    const heads = columns.map(({ name, numeric = false }, index) => {
        const arrow = element("span", { "aria-hidden": "true", class: "arrow" });
        const button = element("button", { type: "button" }, name, arrow);
        const head = element("th", { scope: "col", ...(numeric && { class: "number" }) }, button);
        button.addEventListener("click", () => {
            const before = head.getAttribute("aria-sort");
            const order = before === null ? (numeric ? "descending" : "ascending") : opposite(before);
            for (const one of heads) {
                one.removeAttribute("aria-sort");
                one.querySelector(".arrow")!.textContent = "";
            }
            head.setAttribute("aria-sort", order);
            arrow.textContent = ` ${wordOf[order]}`;
            const sign = order === "ascending" ? 1 : -1;
            all.sort((left, right) => sign * compare(left.cells[index]!, right.cells[index]!));
            body.append(...all.map(({ row }) => row));
        });
        return head;
    });
    const shown = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
    const scroll = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, shown);
    if (rows.length === 0) return element("p", {}, "none");
    return filter && rows.length > 1 ? element("div", {}, filterField(title, all), scroll) : scroll;
}

const opposite = (order: string) => (order === "ascending" ? "descending" : "ascending");

function compare(left: Cell, right: Cell): number {
    return left.key !== undefined && right.key !== undefined
        ? left.key - right.key
        : left.text.localeCompare(right.text);
}

function rowOf(cells: Cell[], columns: Column[]) {
    const shown = cells.map(({ text, open }, index) => {
        const numeric = columns[index]!.numeric ?? false;
        if (open === undefined) return element("td", numeric ? { class: "number" } : {}, text);
        const button = element("button", { type: "button", class: "open", "aria-haspopup": "dialog" }, text);
        button.addEventListener("click", open);
        return element("td", {}, button);
    });
    return element("tr", {}, ...shown);
}

function filterField(title: string, all: { cells: Cell[]; row: HTMLElement }[]) {
    const input = element("input", { type: "search", placeholder: "filter", "aria-label": `Filter: ${title}` });
    const count = element("span", { role: "status" });
    input.addEventListener("input", () => {
        const words = input.value.toLowerCase().split(/\s+/);
        let shown = 0;
        for (const { cells, row } of all) {
            const text = cells.map((cell) => cell.text.toLowerCase()).join(" ");
            row.hidden = !words.every((word) => text.includes(word));
            if (!row.hidden) shown += 1;
        }
        count.textContent = input.value === "" ? "" : ` ${shown} of ${all.length}`;
    });
    return element("p", {}, input, count);
}
