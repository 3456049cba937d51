import { readFileSync, readdirSync } from "node:fs";
import Slugger from "github-slugger";
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";

/** The ways to run a block of commands in the docs. A document says which, unless it is `cluster`. */
export const ways = {
    cluster: "test/e2e/docs.test.ts runs it, on a separate stack",
    offline: "test/docs.test.ts runs it, in a copy of the project, without engine and cluster",
    start: "the test of npm start runs it: it starts or stops the environment that end-to-end tests need",
    ci: "CI runs it: it installs the packages, or is the tests themselves",
} as const;
export type Way = keyof typeof ways;

/** Requirements of a block in addition to a cluster. */
export const needs = {
    shipper: "an image of Fluent Bit",
    versions: "images of PostgreSQL 15 and 18 with their own pg_dump",
    expansion: "a default StorageClass that can expand volumes",
    binding: "a default StorageClass that binds a claim before there is a Pod",
    psql: "psql on this machine",
} as const;
export type Need = keyof typeof needs;

/** One block of commands, with what the comments before it say. */
export interface Block {
    file: string;
    /** Title of its first command. */
    line: number;
    heading: string;
    text: string;
    way: Way;
    needs: Need[];
    /** A text that its output must contain. */
    prints?: string;
    /** A text that its output must contain eventually, after repeated runs. */
    comesToPrint?: string;
    /** Errors in the marks of the block. */
    problems: string[];
}

export interface Document {
    file: string;
    blocks: Block[];
    /** Addresses of links and images, with the line. */
    links: { line: number; url: string }[];
    /** The anchors of its headings. */
    anchors: Set<string>;
    /** Code in sentences and tables. */
    spans: { line: number; text: string }[];
    /** Code blocks in other languages, such as yaml. */
    examples: { line: number; lang: string; text: string }[];
}

/** Every document with commands for a reader, in reading order. */
export const documentFiles = (): string[] => [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync("docs")
        .filter((name) => name.endsWith(".md"))
        .map((name) => `docs/${name}`),
];

/** The marked language of shell commands. There is only one, so that no block is overlooked. */
const otherShells = ["bash", "shell", "zsh", "console", "shell-session"];

const textOf = (node: Nodes): string =>
    "value" in node ? node.value : "children" in node ? node.children.map(textOf).join("") : "";

const keyNames = ["run", "needs", "prints", "comes to print"];

/** `<!-- key: value; key: value -->` before a block. A comment without a colon is an ordinary one. */
function comment(html: string): [key: string, value: string][] {
    const found = /^<!--\s*([a-z ]+:[^]*?)\s*-->$/.exec(html.trim());
    return (found?.[1]!.split(/;\s*(?=[a-z ]+:)/) ?? []).map((part) => {
        const [, key, value] = /^([a-z ]+?):\s*([^]*)$/.exec(part)!;
        return [key!, value!];
    });
}

export function parseDocument(file: string, markdown: string): Document {
    const parsed: Document = { file, blocks: [], links: [], anchors: new Set(), spans: [], examples: [] };
    const slugger = new Slugger();
    let heading = "";
    let said: [key: string, value: string][] = [];

    const visit = (node: Nodes) => {
        const line = node.position?.start.line ?? 0;
        if (node.type === "heading") {
            heading = textOf(node);
            parsed.anchors.add(slugger.slug(heading));
        }
        if (node.type === "link" || node.type === "image" || node.type === "definition")
            parsed.links.push({ line, url: node.url });
        if (node.type === "inlineCode") parsed.spans.push({ line, text: node.value });
        if (node.type === "code") {
            const lang = node.lang ?? "";
            if (lang === "sh") parsed.blocks.push(blockOf(file, line + 1, heading, node.value, said));
            else if (otherShells.includes(lang))
                parsed.blocks.push({
                    ...blockOf(file, line + 1, heading, node.value, said),
                    problems: [`it is marked as ${lang}; commands are marked as sh, so that they are run`],
                });
            else parsed.examples.push({ line: line + 1, lang, text: node.value });
        }
        if (node.type === "html") {
            said.push(...comment(node.value));
        } else if (node.type !== "root") said = [];
        if ("children" in node) for (const child of node.children) visit(child);
    };
    visit(fromMarkdown(markdown));
    return parsed;
}

function blockOf(file: string, line: number, heading: string, text: string, said: [string, string][]): Block {
    const problems: string[] = [];
    const value = (key: string) => said.find(([name]) => name === key)?.[1];
    for (const [key] of said)
        if (!keyNames.includes(key)) problems.push(`its comment says ${key}; it can say ${keyNames.join(", ")}`);
    const way = value("run") ?? "cluster";
    if (!(way in ways))
        problems.push(`there is no way ${way} of running it; the ways are ${Object.keys(ways).join(", ")}`);
    const needed = value("needs")?.split(/,\s*/) ?? [];
    for (const need of needed)
        if (!(need in needs))
            problems.push(`it needs ${need}, which no test knows; they know ${Object.keys(needs).join(", ")}`);
    const placeholder = /<[a-z][\w -]*>/i.exec(text.replace(/<<-?'?[A-Z]+'?/g, ""));
    if (placeholder) problems.push(`it cannot be run as it stands: ${placeholder[0]} is a gap for the reader to fill`);
    return {
        ...{ file, line, heading, text, way: way as Way, needs: needed as Need[] },
        prints: value("prints"),
        comesToPrint: value("comes to print"),
        problems,
    };
}

export function documents(): Document[] {
    return documentFiles().map((file) => parseDocument(file, readFileSync(file, "utf8")));
}

/** The blocks with one way to run, in the order of the docs. */
export function blocksOf(way: Way): Block[] {
    return documents()
        .flatMap(({ blocks }) => blocks)
        .filter((block) => block.way === way);
}

/** A block in one line, for a list of tests. */
export function titleOf({ line, heading, text }: Block): string {
    const [first = "", ...more] = text.split("\n").filter((one) => !one.trim().startsWith("#"));
    return `line ${line}, ${heading}: ${first.replace(/\s*\\$/, "").slice(0, 80)}${more.length > 0 ? " …" : ""}`;
}

/**
 * The commands with different names of stacks: in `--stack dev`, `pglog-dev`, `Pulumi.dev.yaml`, `urn:pulumi:dev::`, and
 * in longer names such as `dev-18`.
 */
export function renamed(text: string, names: Record<string, string>): string {
    const known = Object.keys(names).join("|");
    return text.replace(new RegExp(`(?<![\\w/])(${known})(?!\\w)`, "g"), (name) => names[name]!);
}
