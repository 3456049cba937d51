import { asText, declaredKeys } from "../../render/stackFile";

/** The table of configuration keys for docs/configuration.md, from Pulumi.yaml, in Prettier's format. */
export function configTable(): string {
    const rows = Object.entries(declaredKeys())
        .filter(([name]) => !name.includes(":"))
        .map(([name, { type, default: given = "", description = "" }]) => [
            `\`${name}\``,
            type,
            given === "" ? "" : `\`${asText(given)}\``,
            // Markdown would read <project> as an HTML element, and show nothing.
            description.replaceAll("<", "\\<").replaceAll("|", "\\|"),
        ]);
    const header = ["key", "type", "default", "meaning"];
    const widths = header.map((_, i) => Math.max(...[header, ...rows].map((cells) => cells[i]!.length)));
    const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |\n`;
    return [header, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

const section = /(?<=<!-- config -->\n\n)[^]*?(?=\n<!-- \/config -->)/;

/** The text between the two markers of docs/configuration.md; undefined if they are missing. */
export function configSection(text: string): string | undefined {
    return section.exec(text)?.[0];
}

/** docs/configuration.md with the current table. */
export function withConfigTable(text: string): string {
    return text.replace(section, () => configTable());
}
