import { pageWidth, renderTable } from "../cli/table";

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
    const [name, version, origin] = [24, 12, 12];
    return renderTable(
        ["part", "version", "origin", ""],
        parts.map((part) => [part.name, part.version, words[part.origin], part.note]),
        [name, version, origin, Math.max(40, pageWidth() - name - version - origin - 5)],
    );
}
