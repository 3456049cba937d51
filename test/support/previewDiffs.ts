import spawn from "nano-spawn";
import { withStacks, type MadeStack } from "../../bench/preview/stacks";

/** Changes of one setting, whose previews docs/report.md shows: the stack, the key, its value before and then. */
const changes = [
    { stack: "dev", key: "logMinDuration", from: "0", to: "100" },
    { stack: "dev", key: "elasticsearchRetentionDays", from: "0", to: "30" },
    { stack: "dev", key: "fluentBitLogLevel", from: "info", to: "debug" },
    { stack: "dev", key: "postgresMemory", from: "512Mi", to: "1Gi" },
    { stack: "prod", key: "elasticsearchHost", from: "elasticsearch.example.com", to: "search.example.com" },
];

/** Names, checksums and ids that differ from run to run, or with an edit that has nothing to do with the setting; and blanks. */
const varying: [RegExp, string][] = [
    [/"[0-9a-f]{16}"/g, '"…"'],
    [/-[0-9a-f]{8}(?=[\]"])/g, "-…"],
    [/::[0-9a-f]{8}-[0-9a-f-]{27}(?=\])/g, "::…"],
    [/ +$/gm, ""],
];

/** What `pulumi preview --diff` prints for a change of one setting, from the first object to the summary. */
async function diffOf({ args, env }: MadeStack, key: string, from: string, to: string): Promise<string> {
    const set = (value: string) => spawn("pulumi", ["config", "set", key, value, ...args], { env });
    await set(to);
    const { stdout } = await spawn("pulumi", ["preview", "--diff", "--color", "never", ...args], { env });
    await set(from);
    const [, shown = ""] = /\[urn=[^\n]*::pulumi:pulumi:Stack::[^\n]*\n([^]*)$/.exec(stdout) ?? [];
    return varying.reduce((text, [pattern, instead]) => text.replace(pattern, instead), shown).trimEnd();
}

/** The part of docs/report.md with the previews. It needs an engine and its plugins, and no cluster. */
export async function previewDiffs(): Promise<string> {
    const settings: Record<string, Record<string, string>> = {};
    for (const { stack, key, from } of changes) (settings[stack] ??= {})[key] = from;
    const diffs = await withStacks(
        ".",
        Object.keys(settings),
        async (stacks) => {
            const shown: string[] = [];
            for (const { stack, key, from, to } of changes) {
                const made = stacks.find(({ title }) => title === stack)!;
                const diff = await diffOf(made, key, from, to);
                shown.push(`### \`${key}\` ${from} → ${to}\n\n\`\`\`\n${diff}\n\`\`\`\n`);
            }
            return shown;
        },
        settings,
    );
    return diffs.join("\n");
}

const section = /(?<=<!-- previews -->\n\n)[^]*?(?=\n<!-- \/previews -->)/;

export const previewsSection = (text: string) => section.exec(text)?.[0];

export const withPreviews = (text: string, previews: string) => text.replace(section, () => previews);
