import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** What the program is made of. */
const parts = ["components", "stacks", "render", "index.ts", "Pulumi.yaml", "package.json", "tsconfig.json"];

/** What `npm start` needs beside it. */
export const partsOfStart = ["local", "report", "policy", "package-lock.json", "Pulumi.dev.yaml"];

/** The project in a directory of its own, for edits of the program. */
export class ProjectCopy {
    readonly directory = mkdtempSync(join(tmpdir(), "pglog-copy-"));

    /** @param more files and directories that the copy has beside the program */
    constructor(more: string[] = []) {
        for (const part of [...parts, ...more]) cpSync(part, join(this.directory, part), { recursive: true });
        symlinkSync(join(process.cwd(), "node_modules"), join(this.directory, "node_modules"));
    }

    /**
     * Puts a text in the place of another.
     *
     * @throws where the file has no such text: the edit would be none
     */
    edit(file: string, from: string, to: string) {
        const path = join(this.directory, file);
        const text = readFileSync(path, "utf8");
        if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} to edit`);
        writeFileSync(path, text.replaceAll(from, to));
    }

    /** Changes keys of the stack `dev`; undefined removes one. */
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
