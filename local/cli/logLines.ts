import type { Line } from "../../logs/line";
import { visible } from "../../logs/print";
import { renderTable } from "./table";

/** Log lines as a table, one row each. Longer messages are cut. */
export function renderLines(lines: Pick<Line, "time" | "level" | "user" | "message">[]): string {
    return renderTable(
        ["UTC", "level", "user", "message"],
        lines.map(({ time, level, user, message }) => [
            time.slice(11, 23),
            level,
            user,
            visible(message.replace(/\s+/g, " ")),
        ]),
        [14, 9, 10],
    );
}
