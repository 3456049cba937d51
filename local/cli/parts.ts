import { homedir } from "node:os";
import type { Origin, Part } from "../build/parts";
import { renderTable } from "./table";

/** The page's name for each origin. */
const words: Record<Origin, string> = {
    official: "official",
    found: "found here",
    built: "built here",
    "stand-in": "stand-in",
    missing: "missing",
};

/** The parts as a table. */
export function renderParts(parts: Part[]): string {
    return renderTable(
        ["part", "version", "origin", "from"],
        parts.map((part) => [part.name, part.version, words[part.origin], part.note.replaceAll(`${homedir()}/`, "~/")]),
        [21, 10, 12],
        "wrap",
    );
}
