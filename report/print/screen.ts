import type { Report } from "../report";
import { renderMarkdown } from "./markdown";
import { renderTerminal } from "./terminal";

/** The report as it is printed to a stream: a table in colours on a terminal, and Markdown elsewhere. */
export function renderFor({ isTTY, columns }: NodeJS.WriteStream, report: Report): string {
    return isTTY ? renderTerminal(report, columns) : renderMarkdown(report);
}
