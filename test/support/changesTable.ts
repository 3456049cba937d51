import { markdownTable } from "markdown-table";
import { levels } from "../../report/effect";
import type { KeyName } from "../../stacks/keys";
import { reportOf } from "../../report/report";
import { planBetween } from "../../report/source/snapshots";
import type { Snapshot } from "../../render/snapshot";
import { bases, type Values } from "../report/edits";
import { snapshotWith } from "./snapshots";

/** A change of a key of the configuration. */
interface KeyChange {
    key: KeyName;
    /** A member of the key's value, which alone changes. */
    member?: string;
    /** What is special about it, after the key's name. */
    which?: string;
    /** The stack that it changes. By default, a small one with an external Elasticsearch. */
    base?: keyof typeof bases;
    /** Settings of that stack that are different before the change. */
    before?: Values;
    /** Settings after the change. */
    after: Values;
}

const balanced: Values = { services: ["LoadBalancer"], loadBalancerSourceRanges: ["198.51.100.0/25"] };
const login: Values = {
    elasticsearchAuth: "basic",
    elasticsearchUser: "pglog",
    elasticsearchPassword: { secure: "v1:one" },
};
const apiKey: Values = { elasticsearchAuth: "apiKey", elasticsearchApiKey: { secure: "v1:one" } };
const secret: Values = { elasticsearchAuth: "apiKey", elasticsearchSecret: "one" };
const setting = (which: string, settings: Record<string, unknown>): KeyChange => ({
    key: "postgresSettings",
    which,
    after: { postgresSettings: settings },
});
const image = (member: string, from: string, to: string): KeyChange => ({
    key: "images",
    member,
    base: "shipping",
    before: { images: { [member]: from } },
    after: { images: { [member]: to } },
});

/** A typical change of each key, and the way back where it does something else. */
const keyChanges: KeyChange[] = [
    { key: "logStatement", after: { logStatement: "mod" } },
    { key: "logMinDuration", after: { logMinDuration: 100 } },
    setting(", most of them", { random_page_cost: "1.1" }),
    setting(" that need a restart", { track_activity_query_size: "2kB" }),
    setting(" that lose what was committed", { synchronous_commit: "off" }),
    { key: "postgresCpu", after: { postgresCpu: "100m" } },
    { key: "postgresMemory", which: ", more", after: { postgresMemory: "1Gi" } },
    { key: "postgresMemory", which: ", less", before: { postgresMemory: "1Gi" }, after: { postgresMemory: "512Mi" } },
    image("postgres", "postgres:17.10-bookworm", "postgres:17.11-bookworm"),
    image("fluentBit", "fluent/fluent-bit:5.1.0", "fluent/fluent-bit:5.1.1"),
    image("elasticsearch", "elasticsearch:8.19.19", "elasticsearch:8.19.20"),
    image("curl", "curlimages/curl:8.10.0", "curlimages/curl:8.10.1"),
    { key: "imagePullSecrets", after: { imagePullSecrets: ["registry-login"] } },
    { key: "scheduling", after: { scheduling: { nodeSelector: { disk: "fast" } } } },
    { key: "monitoring", which: ", `annotations`", after: { monitoring: "annotations" } },
    { key: "monitoring", which: ", `operator`", after: { monitoring: "operator" } },
    { key: "fluentBitLogLevel", after: { fluentBitLogLevel: "debug" } },
    { key: "deliveryTimeout", after: { deliveryTimeout: 180 } },
    { key: "elasticsearchHost", after: { elasticsearchHost: "es2.example.com" } },
    { key: "elasticsearchPort", after: { elasticsearchPort: 9243 } },
    { key: "elasticsearchScheme", which: ", `http`", after: { elasticsearchScheme: "http" } },
    { key: "elasticsearchServerName", after: { elasticsearchServerName: "name.example.com" } },
    {
        key: "elasticsearchCa",
        after: { elasticsearchCa: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n" },
    },
    {
        key: "elasticsearchAuth",
        before: login,
        after: { ...apiKey, elasticsearchUser: undefined, elasticsearchPassword: undefined },
    },
    { key: "elasticsearchUser", before: login, after: { elasticsearchUser: "logs" } },
    { key: "elasticsearchPassword", before: login, after: { elasticsearchPassword: { secure: "v1:two" } } },
    { key: "elasticsearchApiKey", before: apiKey, after: { elasticsearchApiKey: { secure: "v1:two" } } },
    { key: "elasticsearchSecret", before: secret, after: { elasticsearchSecret: "two" } },
    { key: "elasticsearchTarget", after: { elasticsearchTarget: "data-stream" } },
    { key: "elasticsearchIndex", after: { elasticsearchIndex: "orders-logs" } },
    { key: "elasticsearchRetentionDays", which: ", more", after: { elasticsearchRetentionDays: 60 } },
    { key: "elasticsearchRetentionDays", which: ", fewer", after: { elasticsearchRetentionDays: 7 } },
    { key: "elasticsearchMode", after: { elasticsearchMode: "in-cluster", elasticsearchHost: undefined } },
    { key: "logPeakRate", after: { logPeakRate: 1024 } },
    { key: "logOutage", after: { logOutage: "10h" } },
    { key: "logVolumeSize", after: { logVolumeSize: "16Gi" } },
    { key: "services", which: ", one more", after: { services: ["ClusterIP", "NodePort", "Headless"] } },
    { key: "services", which: ", one less", after: { services: ["ClusterIP"] } },
    { key: "nodePort", after: { nodePort: 30544 } },
    {
        key: "loadBalancerSourceRanges",
        which: ", wider",
        before: balanced,
        after: { loadBalancerSourceRanges: ["198.51.100.0/24"] },
    },
    {
        key: "loadBalancerSourceRanges",
        which: ", narrower",
        before: balanced,
        after: { loadBalancerSourceRanges: ["198.51.100.0/26"] },
    },
    {
        key: "loadBalancerAnnotations",
        before: balanced,
        after: { loadBalancerAnnotations: { "example.com/internal": "true" } },
    },
    { key: "storageSize", which: ", more", after: { storageSize: "20Gi" } },
    { key: "storageClass", after: { storageClass: "fast-ssd" } },
    {
        key: "storageClass",
        which: " with `protectData`",
        before: { protectData: true },
        after: { storageClass: "fast-ssd" },
    },
    { key: "storageAccessMode", after: { storageAccessMode: "ReadWriteOncePod" } },
    { key: "namespace", after: { namespace: "elsewhere" } },
    { key: "postgresVersion", after: { postgresVersion: 18 } },
    { key: "shipper", which: " to `none`", after: { shipper: "none", elasticsearchHost: undefined } },
    { key: "database", after: { database: "orders" } },
    { key: "passwordVersion", after: { passwordVersion: 2 } },
    { key: "protectData", after: { protectData: true } },
];

/** Names of the keys that the table has no change of. */
export function keysWithoutChange(keys: readonly KeyName[]): KeyName[] {
    return keys.filter((name) => !keyChanges.some(({ key }) => key === name));
}

/** The table of docs/operating.md: what the report says of a change of each key. */
async function changesTable(): Promise<string> {
    const snapshots = new Map<string, Promise<Snapshot>>();
    const snapshot = (values: Values) => {
        const name = JSON.stringify(values);
        const made = snapshots.get(name) ?? snapshotWith(values);
        snapshots.set(name, made);
        return made;
    };
    const rows = new Map<string, string[]>();
    for (const { key, member, which = "", base = "external", before = {}, after } of keyChanges) {
        const old = { ...bases[base], ...before };
        const found = reportOf(planBetween(await snapshot(old), await snapshot({ ...old, ...after }))).levels;
        const happens = found.filter((level) => level !== "none").map((level) => levels[level].says);
        const said = happens.join(", ") || levels.none.says;
        const name = [key, ...(member === undefined ? [] : [member])].join(".");
        rows.set(said, [...(rows.get(said) ?? []), `\`${name}\`${which}`]);
    }
    const cells = [...rows].map(([said, keys]) => [keys.join("; "), said]);
    return `${markdownTable([["you change", "what happens"], ...cells], { alignDelimiters: true })}\n`;
}

const section = /(?<=<!-- changes -->\n\n)[^]*?(?=\n<!-- \/changes -->)/;

export function changesSection(text: string): string | undefined {
    return section.exec(text)?.[0];
}

/** docs/operating.md with the current table. */
export async function withChangesTable(text: string): Promise<string> {
    const table = await changesTable();
    return text.replace(section, () => table);
}
