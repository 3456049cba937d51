import { markdownTable } from "markdown-table";
import { configure } from "../../render/engine/evaluate";
import { asText } from "../../render/stackFile";
import { ConfigError, loadConfig } from "../../stacks/config";
import { configOf } from "./stackFile";

/** Makes a stack valid, for examples that are not about Elasticsearch. */
const alone = { shipper: "none" };
const elsewhere = { elasticsearchHost: "es.example.com", elasticsearchAuth: "none" };

/** Values that are valid alone but not together: those shown to the reader, and the rest of the configuration. */
export const conflictingExamples: { shown: Record<string, unknown>; with?: Record<string, unknown> }[] = [
    { shown: { postgresSettings: { log_destination: "stderr" } }, with: alone },
    { shown: { postgresSettings: { max_connections: 5000 } }, with: alone },
    { shown: { postgresSettings: { checkpoint_segments: 3 } }, with: alone },
    { shown: { postgresSettings: { checkpoint_timeout: 5 } }, with: alone },
    { shown: { postgresMemory: "1Gi", postgresSettings: { temp_buffers: "2GB" } }, with: alone },
    { shown: { postgresSettings: { wal_level: "minimal" } }, with: alone },
    { shown: { postgresVersion: 18, images: { postgres: "postgres:17.11-bookworm" } }, with: alone },
    { shown: { logOutage: "1d", logVolumeSize: "1Gi" }, with: alone },
    { shown: { logStatement: "all", logPeakRate: 64 }, with: alone },
    { shown: { services: ["LoadBalancer"] }, with: alone },
    { shown: { services: ["ClusterIP"], loadBalancerSourceRanges: ["203.0.113.0/24"] }, with: alone },
    { shown: { services: ["ClusterIP"], nodePort: 30432 }, with: alone },
    { shown: { elasticsearchMode: "in-cluster", elasticsearchHost: "es.example.com" } },
    { shown: { elasticsearchMode: "external" }, with: { elasticsearchAuth: "none" } },
    {
        shown: { elasticsearchAuth: "basic", elasticsearchUser: "pglog" },
        with: { elasticsearchHost: "es.example.com" },
    },
    {
        shown: { elasticsearchSecret: "elasticsearch-login", elasticsearchUser: "pglog" },
        with: { elasticsearchHost: "es.example.com" },
    },
    { shown: { elasticsearchAuth: "none", elasticsearchUser: "pglog" }, with: elsewhere },
    {
        shown: { elasticsearchScheme: "http", protectData: true },
        with: { elasticsearchHost: "es.example.com", elasticsearchSecret: "elasticsearch-login" },
    },
    {
        shown: { elasticsearchScheme: "http", elasticsearchServerName: "elasticsearch.internal" },
        with: elsewhere,
    },
    {
        shown: { elasticsearchAuth: "apiKey", elasticsearchTarget: "data-stream" },
        with: { elasticsearchHost: "es.example.com", elasticsearchSecret: "elasticsearch-login" },
    },
];

/** The program's errors for an example. */
export async function refusalsOf({ shown, with: rest }: (typeof conflictingExamples)[number]): Promise<string[]> {
    await configure({ config: configOf({ ...rest, ...shown }) });
    try {
        loadConfig();
        return [];
    } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return error.problems.map(({ message }) => message);
    }
}

/** The table of docs/configuration.md: conflicting settings, with the program's own messages. */
export async function refusalsTable(): Promise<string> {
    const rows: string[][] = [];
    for (const example of conflictingExamples) {
        const problems = await refusalsOf(example);
        rows.push([
            Object.entries(example.shown)
                .map(([key, value]) => `\`${key}: ${asText(value)}\``)
                .join(", "),
            problems
                .map((problem) =>
                    problem
                        .replace(/^pglog:([\w.]+)/, "`$1`")
                        .replace(/\. Run: [^]*$/, "")
                        .replaceAll("|", "\\|"),
                )
                .join("; "),
        ]);
    }
    return `${markdownTable([["lines of the file", "message"], ...rows], { alignDelimiters: true })}\n`;
}

const section = /(?<=<!-- refused -->\n)[^]*?(?=\n<!-- \/refused -->)/;

export const refusalsSection = (text: string): string | undefined => section.exec(text)?.[0];

export async function withRefusalsTable(text: string): Promise<string> {
    const table = await refusalsTable();
    return text.replace(section, () => `\n${table}`);
}
