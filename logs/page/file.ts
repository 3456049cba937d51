import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { mark } from "./page";

/**
 * Checks that a page may be written to a file: its folder exists, and a file of this name is an earlier page.
 *
 * @throws otherwise
 */
export function checkPageFile(file: string) {
    if (!existsSync(dirname(file)))
        throw new Error(`--html ${file}: the folder ${dirname(file)} does not exist. Run: mkdir -p ${dirname(file)}`);
    if (!existsSync(file)) return;
    if (!statSync(file).isFile())
        throw new Error(`--html ${file}: this is not a file. Name a file, such as report.html`);
    if (!beginOf(file).includes(mark))
        throw new Error(
            `--html ${file}: the file exists and is not a page of this command, so it is not overwritten. Name a different file, or remove this one: rm ${file}`,
        );
}

/** The first 500 bytes of a file. */
function beginOf(file: string): string {
    const descriptor = openSync(file, "r");
    try {
        const bytes = Buffer.alloc(500);
        return bytes.toString("utf8", 0, readSync(descriptor, bytes));
    } finally {
        closeSync(descriptor);
    }
}

/** Writes a page in one step, readable only by its owner, because the log may hold data. Returns its size in bytes. */
export function writePage(file: string, html: string): number {
    checkPageFile(file);
    const temporary = `${file}.${process.pid}.new`;
    try {
        writeFileSync(temporary, html, { mode: 0o600, flag: "wx" });
        renameSync(temporary, file);
    } finally {
        rmSync(temporary, { force: true });
    }
    return Buffer.byteLength(html);
}
