import Table from "cli-table3";

/**
 * A table for a terminal, one row a line; colours only where there is a terminal.
 *
 * @param widths of the columns, in characters; what is longer is cut
 */
export function renderTable(head: string[], rows: string[][], widths: number[]): string {
    const table = new Table({
        head,
        colWidths: widths,
        chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
        style: process.stdout.isTTY ? { head: ["bold"], border: ["gray"] } : { head: [], border: [] },
    });
    table.push(...rows);
    return table.toString();
}

/** Width of the page, in characters. */
export const pageWidth = () => process.stdout.columns || 120;
