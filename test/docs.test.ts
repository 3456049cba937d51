import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { keyNames } from "../stacks/keys";
import { blocksOf, documents, parseDocument, renamed, titleOf, ways, type Block } from "./support/docsCommands";
import { ProjectCopy } from "./support/projectCopy";
import { runBlock } from "./support/runBlock";
import { stacks } from "./support/stackFile";

const all = documents();
const blocks = all.flatMap((document) => document.blocks);
const at = ({ file, line }: { file: string; line: number }) => `${file}:${line}`;
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

/** The resources of the committed stacks, from the golden files. */
interface Golden {
    resources: { resource: string; inputs?: { kind?: string; metadata?: { name?: string }; spec?: unknown } }[];
    outputs: Record<string, unknown>;
}
const golden = stacks.map((stack) => JSON.parse(readFileSync(`test/golden/${stack}.json`, "utf8")) as Golden);
const resources = golden.flatMap(({ resources: list }) => list);

describe("The commands in the docs", () => {
    it("are marked as commands that a test runs, and have no gaps for the reader to fill", () => {
        assert.deepEqual(
            blocks.flatMap((block) => block.problems.map((problem) => `${at(block)}: ${problem}`)),
            [],
        );
        assert.ok(blocks.length > 30);
        for (const { examples, file } of all)
            for (const { line, lang, text } of examples)
                assert.ok(
                    lang !== "" || !/^\s*(\$ |npm |kubectl |pulumi |npx )/m.test(text),
                    `${at({ file, line })}: commands are marked as sh, so that they are run`,
                );
    });

    it("use every way to run a block", () => {
        for (const way of Object.keys(ways)) assert.ok(blocksOf(way as Block["way"]).length > 0, way);
    });

    it("are valid bash", () => {
        for (const block of blocks) {
            const { status, stderr } = spawnSync("bash", ["-n"], { input: block.text, encoding: "utf8" });
            assert.equal(status, 0, `${at(block)}: ${stderr}`);
        }
    });

    it("name scripts of package.json", () => {
        for (const block of blocks)
            for (const name of [
                ...found(block.text, /\bnpm run (?:--silent )?([\w:]+)/g),
                ...found(block.text, /\bnpm (start|stop|test)\b/g),
            ])
                assert.ok(name in scripts, `${at(block)}: package.json has no script ${name}`);
    });

    it("name stacks that are committed, or created earlier in the same document", () => {
        for (const { blocks: own } of all) {
            const known = new Set<string>(stacks);
            for (const block of own) {
                for (const name of found(block.text, /\bpulumi stack init ([\w-]+)/g)) known.add(name);
                const named = [
                    ...found(block.text, /--stack[ =]([\w-]+)/g),
                    ...found(block.text, /\bpglog-([\w-]+)/g),
                    ...found(block.text, /\bPulumi\.([\w-]+)\.yaml/g),
                    ...found(block.text, /\burn:pulumi:([\w-]+)::/g),
                ];
                for (const name of named) assert.ok(known.has(name), `${at(block)}: there is no stack ${name}`);
            }
        }
    });

    it("name keys of the configuration", () => {
        for (const block of blocks)
            for (const name of found(
                block.text,
                /\bpulumi config (?:set|rm|get) (?:--(?:path|secret|plaintext) )*'?([\w:]+)/g,
            ))
                assert.ok(
                    (keyNames as string[]).includes(name) || name === "kubernetes:context",
                    `${at(block)}: there is no key ${name}`,
                );
    });

    it("name outputs that the stacks have", () => {
        for (const block of blocks)
            for (const name of found(block.text, /\bpulumi stack output ([\w]+)/g))
                assert.ok(name in golden[0]!.outputs, `${at(block)}: there is no output ${name}`);
    });

    it("name objects and containers of the stacks", () => {
        const kinds: Record<string, string> = {
            deployment: "Deployment",
            service: "Service",
            job: "Job",
            pvc: "PersistentVolumeClaim",
            configmap: "ConfigMap",
        };
        const names = (kind: string) => resources.filter(({ inputs }) => inputs?.kind === kind);
        for (const block of blocks) {
            const text = block.text.replaceAll("\\\n", " ");
            for (const [, kind, name] of text.matchAll(
                /\b(deployment|service|job|pvc|configmap)(?:\/| (?=[a-z]+-))([\w-]+)/g,
            ))
                assert.ok(
                    names(kinds[kind!]!).some(({ inputs }) => inputs?.metadata?.name === name),
                    `${at(block)}: there is no ${kind} ${name}`,
                );
            for (const name of found(text, /(?:--container|-c)[ =]([a-z][\w-]*)/g))
                assert.ok(JSON.stringify(resources).includes(`"name":"${name}"`), `${at(block)}: no container ${name}`);
            for (const urn of found(text, /'urn:pulumi:[\w-]+::pglog::([^']+)'/g)) {
                const [types = "", name = ""] = urn.split(/::(?=[\w-]+$)/);
                const type = types.split("$").at(-1)!;
                assert.ok(
                    resources.some(({ resource }) => resource === `${type} ${name}`),
                    `${at(block)}: no stack has a resource ${type} ${name}`,
                );
            }
        }
    });

    it("read files that exist, or that an earlier command writes", () => {
        for (const { blocks: own } of all) {
            const written = new Set<string>();
            for (const block of own) {
                for (const name of found(block.text, /(?:>\s*|--out |--output )([\w./-]+)/g)) written.add(name);
                for (const name of found(
                    block.text,
                    /(?<![\w/.'-])((?:[\w.-]+\/)*[\w-]+\.(?:dump|sql|txt|json|ya?ml|ts|sh|crt))\b(?!-)/g,
                ))
                    assert.ok(written.has(name) || existsSync(name), `${at(block)}: there is no ${name}`);
                for (const name of found(block.text, /--(?:from|to) ([\w./-]+)/g))
                    assert.ok(written.has(name), `${at(block)}: nothing wrote ${name} before`);
            }
        }
    });

    it("are part of what CI runs, if they are marked for CI", () => {
        const runs = [".ci/run", ".github/workflows/verify.yml"].map((file) => readFileSync(file, "utf8")).join("\n");
        const bare = (text: string) => text.replaceAll(" --silent", "");
        for (const block of blocksOf("ci"))
            for (const line of block.text.split("\n")) {
                const command = line.replace(/\s*#.*$/, "").trim();
                if (command !== "") assert.ok(bare(runs).includes(bare(command)), `${at(block)}: CI has no ${command}`);
            }
    });

    describe("that need no engine and no cluster", () => {
        let copy: ProjectCopy;
        before(() => {
            copy = new ProjectCopy(["report", "policy", "docs", ...stacks.map((stack) => `Pulumi.${stack}.yaml`)]);
        });
        after(() => {
            copy.remove();
        });

        for (const block of blocksOf("offline"))
            it(`run: ${block.file}, ${titleOf(block)}`, async function () {
                this.timeout(120_000);
                const env = { ...process.env, PATH: `${copy.directory}/node_modules/.bin:${process.env.PATH}` };
                const { status, text } = await runBlock(block.text, { cwd: copy.directory, env, seconds: 110 });
                assert.equal(status, 0, text);
                if (block.prints !== undefined) assert.ok(text.includes(block.prints), text);
            });
    });
});

describe("The docs", () => {
    it("link to documents and headings that exist", () => {
        const anchors = new Map(all.map(({ file, anchors: own }) => [file, own]));
        for (const { file, links } of all)
            for (const { line, url } of links) {
                if (/^[a-z]+:/.test(url)) continue;
                const [path = "", anchor] = url.split("#");
                const target = path === "" ? file : normalize(join(dirname(file), path));
                assert.ok(existsSync(target), `${at({ file, line })}: there is no ${target}`);
                if (anchor !== undefined)
                    assert.ok(anchors.get(target)?.has(anchor), `${at({ file, line })}: ${target} has no #${anchor}`);
            }
    });

    it("are all linked from README.md, or from a document that is", () => {
        const reached = new Set(["README.md"]);
        for (const file of reached)
            for (const { url } of all.find((document) => document.file === file)?.links ?? [])
                if (!/^[a-z]+:|^#/.test(url)) reached.add(normalize(join(dirname(file), url.split("#")[0]!)));
        for (const { file } of all) assert.ok(reached.has(file), file);
    });

    it("name only existing keys, also in sentences", () => {
        for (const { file, spans } of all)
            for (const { line, text } of spans)
                for (const name of found(text, /^((?:elasticsearch|postgres|log|storage|loadBalancer)[A-Z]\w*)/g))
                    assert.ok((keyNames as string[]).includes(name), `${at({ file, line })}: there is no key ${name}`);
    });

    it("name only existing files of the project", () => {
        for (const { file, spans } of all)
            for (const { line, text } of spans)
                for (const path of found(
                    text,
                    /^((?:components|stacks|render|report|policy|test|docs|local|\.github|\.ci)\/[\w./-]+\w)\/?$/g,
                )) {
                    assert.ok(existsSync(path), `${at({ file, line })}: there is no ${path}`);
                }
    });

    it("begin with a README for the first ten minutes", () => {
        const readme = readFileSync("README.md", "utf8").replace(/<!-- report -->[^]*<!-- \/report -->/, "");
        assert.ok(readme.split("\n").length <= 185, `README.md has ${readme.split("\n").length} lines`);
    });
});

describe("The reader of the docs", () => {
    const only = (markdown: string) => {
        const { blocks: list } = parseDocument("doc.md", markdown);
        assert.equal(list.length, 1);
        return list[0]!;
    };

    it("applies a comment to the next block only", () => {
        const { blocks: list } = parseDocument(
            "doc.md",
            "# One\n\n<!-- run: start; needs: shipper, psql -->\n\n```sh\nnpm start\n```\n\n## Two\n\n```sh\nls\n```\n",
        );
        assert.deepEqual(
            list.map(({ line, heading, way, needs, text }) => ({ line, heading, way, needs, text })),
            [
                { line: 6, heading: "One", way: "start", needs: ["shipper", "psql"], text: "npm start" },
                { line: 12, heading: "Two", way: "cluster", needs: [], text: "ls" },
            ],
        );
    });

    it("knows the output that a block must print, at once or eventually", () => {
        assert.equal(only("<!-- prints: a: b -->\n\n```sh\nls\n```\n").prints, "a: b");
        assert.equal(only("<!-- comes to print: done -->\n\n```sh\nls\n```\n").comesToPrint, "done");
    });

    it("reports errors in a block's marks", () => {
        const problems = (markdown: string) => only(markdown).problems;
        assert.deepEqual(problems("```bash\nls\n```\n"), [
            "it is marked as bash; commands are marked as sh, so that they are run",
        ]);
        assert.deepEqual(problems("<!-- run: never -->\n\n```sh\nls\n```\n"), [
            "there is no way never of running it; the ways are cluster, offline, start, ci",
        ]);
        assert.deepEqual(problems("<!-- need: psql -->\n\n```sh\nls\n```\n"), [
            "its comment says need; it can say run, needs, prints, comes to print",
        ]);
        assert.deepEqual(problems("<!-- needs: luck -->\n\n```sh\nls\n```\n"), [
            "it needs luck, which no test knows; they know shipper, versions, expansion, binding, psql",
        ]);
        assert.deepEqual(problems("```sh\nkubectl get <name>\n```\n"), [
            "it cannot be run as it stands: <name> is a gap for the reader to fill",
        ]);
    });

    it("replaces a stack's name by the test's own", () => {
        assert.equal(
            renamed("cat Pulumi.dev.yaml /dev/null; pglog-dev-18 --stack dev pglog-dev/postgres devices", { dev: "x" }),
            "cat Pulumi.x.yaml /dev/null; pglog-x-18 --stack x pglog-x/postgres devices",
        );
    });
});

describe("A block of commands", () => {
    const run = (text: string, seconds = 15) =>
        runBlock(text, { cwd: ".", env: process.env, input: "typed\n", seconds });

    it("ends at the first command that fails, also in a pipe", async () => {
        assert.deepEqual(await run("echo one\nfalse | cat\necho two"), { status: 1, text: "one\n" });
    });

    it("ends the programs that it leaves in the background", async () => {
        // A program that keeps the block's output open would otherwise keep it from ending.
        assert.deepEqual(await run("sleep 600 &\necho done"), { status: 0, text: "done\n" });
    });

    it("is killed if it does not end, with an error that says so", async () => {
        const { status, text } = await run("echo begun; sleep 600", 1);
        assert.equal(status, 1);
        assert.equal(text, "begun\n\nnot at its end after 1 s");
    });

    it("gets the reader's input", async () => {
        assert.equal((await run("cat")).text, "typed\n");
    });
});
