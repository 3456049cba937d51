import { createTwoFilesPatch } from "diff";
import { stringify } from "yaml";
import { subject, type Change } from "../change";

/** Limit of diff lines per object; the rest is given as a count. */
const mostLines = 150;

/** The engine's own signs. */
const signs = { create: "+", update: "~", replace: "+-", delete: "-" };

/** One line per changed object. */
export function objectList(changes: readonly Change[]): string[] {
    return sorted(changes).map((change) => `${signs[change.operation]} ${subject(change)}`);
}

/** The changes of each object, as a unified diff of its YAML. */
export function objectDiff(changes: readonly Change[]): string {
    return sorted(changes)
        .map((change) => {
            const title = `${signs[change.operation]} ${subject(change)}`;
            if (!change.before || !change.after || change.fields.length === 0) return title;
            const patch = createTwoFilesPatch("", "", yaml(change.before), yaml(change.after), "", "", { context: 2 });
            const all = patch.trimEnd().split("\n");
            const lines = all.slice(all.findIndex((line) => line.startsWith("@@")));
            const shown = lines.slice(0, mostLines);
            const rest = lines.length - shown.length;
            return [title, ...shown, ...(rest > 0 ? [`… and ${rest} more lines`] : [])].join("\n");
        })
        .join("\n\n");
}

const yaml = (inputs: Record<string, unknown>) => stringify(inputs, { lineWidth: 0, sortMapEntries: true });
const sorted = (changes: readonly Change[]) => [...changes].sort((a, b) => (a.urn < b.urn ? -1 : 1));
