import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** Files and directories of the program. */
const parts = ["components", "stacks", "render", "start", "index.ts", "Pulumi.yaml", "package.json", "tsconfig.json"];

/** Further parts that `npm start` needs. */
export const partsOfStart = ["local", "logs", "report", "policy", "package-lock.json", "Pulumi.dev.yaml"];

/** A copy of the project in a temporary directory, for edits of the program. */
export class ProjectCopy {
    readonly directory = mkdtempSync(join(tmpdir(), "pglog-copy-"));

    /** @param more files and directories to copy besides the program */
    constructor(more: string[] = []) {
        for (const part of [...parts, ...more]) cpSync(part, join(this.directory, part), { recursive: true });
        symlinkSync(join(process.cwd(), "node_modules"), join(this.directory, "node_modules"));
    }

    /**
     * Replaces a text in a file.
     *
     * @throws if the file does not contain the text
     */
    edit(file: string, from: string, to: string) {
        const path = join(this.directory, file);
        const text = readFileSync(path, "utf8");
        if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} to edit`);
        writeFileSync(path, text.replaceAll(from, to));
    }

    /** Changes keys of the stack `dev`; undefined removes a key. */
    configure(changes: Record<string, unknown>) {
        const path = join(this.directory, "Pulumi.dev.yaml");
        const { config } = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
        for (const [key, value] of Object.entries(changes)) config[`pglog:${key}`] = value;
        writeFileSync(path, stringify({ config }));
    }

    remove() {
        rmSync(this.directory, { recursive: true });
    }
}
