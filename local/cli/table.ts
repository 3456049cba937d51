import Table from "cli-table3";

/** The handling of text that is wider than its column: cut it, or wrap it over several rows. */
type Long = "cut" | "wrap";

/**
 * A table for a terminal. It has colours only on a terminal.
 *
 * @param widths of the columns, in characters with padding; the last column gets the rest of the page
 */
export function renderTable(head: string[], rows: string[][], widths: number[], long: Long = "cut"): string {
    const frame = head.length + 1;
    const rest = pageWidth() - frame - widths.reduce((sum, width) => sum + width, 0);
    const colWidths = [...widths, Math.max(20, rest)];
    const table = new Table({
        head,
        colWidths,
        wordWrap: long === "wrap",
        chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
        style: process.stdout.isTTY ? { head: ["bold"], border: ["gray"] } : { head: [], border: [] },
    });
    const wrapped = (row: string[]) => row.map((cell, column) => shortenWords(cell, colWidths[column]! - 2));
    table.push(...(long === "wrap" ? rows.map(wrapped) : rows));
    return table.toString();
}

/** Shortens words that do not fit into a column, such as paths, in the middle: both ends say the most. */
function shortenWords(text: string, width: number) {
    const [first, last] = [Math.ceil((width - 1) / 2), Math.floor((width - 1) / 2)];
    return text
        .split(" ")
        .map((word) => (word.length > width ? `${word.slice(0, first)}…${word.slice(-last)}` : word))
        .join(" ");
}

/** Width of the page in characters: 100, or less on a narrower terminal. */
export const pageWidth = () => Math.min(process.stdout.columns || 100, 100);
