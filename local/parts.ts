import Table from "cli-table3";

/** Where a part of the environment comes from. */
export type Origin = "official" | "found" | "built" | "stand-in" | "missing";

/** A part that may come from several places, and where this one is from. */
export interface Part {
    name: string;
    version: string;
    origin: Origin;
    /** More about it, such as its path, or what to do where it is missing. */
    note: string;
}

/** What each origin means to a reader. */
const words: Record<Origin, string> = {
    official: "official",
    found: "found here",
    built: "built here",
    "stand-in": "stand-in",
    missing: "missing",
};

/** The parts as a table. */
export function renderParts(parts: Part[]): string {
    const table = new Table({
        head: ["part", "version", "origin", ""],
        style: { head: ["bold"], border: ["gray"] },
        wordWrap: true,
        colWidths: [24, 14, 12, 64],
    });
    for (const { name, version, origin, note } of parts) table.push([name, version, words[origin], note]);
    return table.toString();
}
