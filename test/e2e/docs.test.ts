import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { blocksOf, needs, renamed, titleOf, type Block, type Need } from "../support/docsCommands";
import { ProjectCopy } from "../support/projectCopy";
import { runBlock } from "../support/runBlock";
import { stacks } from "../support/stackFile";
import { postgresImages } from "../../stacks/versions";
import { Namespace, exists } from "./namespace";
import { images, noShipper, noVersions, postgresImage, retentionDays } from "./environment";
import { output, run, until } from "./run";

/** Where a document's commands run: a copy of the project with stacks, state and home directory of its own. */
class Reader {
    private readonly names: Record<string, string>;
    readonly stack = `docs${randomBytes(3).toString("hex")}`;
    private readonly copy = new ProjectCopy(["report", "policy"]);
    private readonly env: NodeJS.ProcessEnv;

    /** @param version of PostgreSQL that its stack begins with */
    constructor(version: number | undefined) {
        const { directory } = this.copy;
        this.names = Object.fromEntries(
            stacks.map((name) => [name, name === "dev" ? this.stack : `${this.stack}${name}`]),
        );
        const home = join(directory, "home");
        const modules = resolve("node_modules");
        for (const made of [home, join(directory, "state")]) mkdirSync(made);
        symlinkSync(modules, join(directory, "policy", "node_modules"));
        for (const [from, to] of Object.entries(this.names)) {
            const file = parse(readFileSync(`Pulumi.${from}.yaml`, "utf8")) as StackFile;
            if (from === "dev" && version !== undefined) file.config["pglog:postgresVersion"] = version;
            writeFileSync(join(directory, `Pulumi.${to}.yaml`), stringify(file));
        }
        this.env = {
            ...process.env,
            HOME: home,
            PATH: [join(modules, ".bin"), process.env.PATH].join(delimiter),
            KUBECONFIG: process.env.KUBECONFIG ?? join(homedir(), ".kube", "config"),
            PULUMI_HOME: process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"),
            PULUMI_CREDENTIALS_PATH: home,
            PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
            PULUMI_CONFIG_PASSPHRASE: "docs",
            PULUMI_SKIP_CONFIRMATIONS: "true", // a reader looks at the preview and says yes
        };
    }

    /** The names of all stacks that there are by now: those of the project, and those that commands made of them. */
    private get made() {
        return [...Object.values(this.names), `${this.stack}-18`];
    }

    /** Puts what the machine has into the stacks' files: its images, and what there is no room for otherwise. */
    private provide() {
        for (const name of this.made) {
            const path = join(this.copy.directory, `Pulumi.${name}.yaml`);
            if (!existsSync(path)) continue;
            const text = readFileSync(path, "utf8");
            const file = parse(text) as StackFile;
            const { config } = file;
            const version = Number(config["pglog:postgresVersion"] ?? 17);
            config["pglog:images"] = { ...images, postgres: postgresImage(version) }; // undefined: the official one
            config["pglog:elasticsearchRetentionDays"] = retentionDays;
            config["pglog:postgresCpu"] = "50m";
            if (noShipper !== undefined && config["pglog:elasticsearchMode"] === "in-cluster")
                config["pglog:shipper"] = "none";
            if (stringify(file) !== text) writeFileSync(path, stringify(file));
        }
    }

    /** The commands of a block as they are here: other stacks, another image, ports that nobody uses. */
    private async translated(text: string) {
        let here = renamed(text, this.names);
        const file = join(this.copy.directory, `Pulumi.${this.stack}.yaml`);
        const { config } = parse(readFileSync(file, "utf8")) as StackFile;
        const version = Number(config["pglog:postgresVersion"] ?? 17);
        const image = postgresImage(version) ?? (version === 15 ? postgresImages[15] : undefined);
        if (image !== undefined) here = here.replace(/\bpostgres:\d+\.\d+-bookworm\b/g, image);
        for (const [, port] of text.matchAll(/\bport-forward \S+ (\d+):/g))
            here = here.replaceAll(port!, String(await freePort()));
        return here;
    }

    async run({ text, ...says }: Block) {
        this.provide();
        const here = await this.translated(text);
        const once = async () => {
            const options = { cwd: this.copy.directory, env: this.env, input: "typed by the reader", seconds: 840 };
            const { status, text: said } = await runBlock(here, options);
            assert.equal(status, 0, `these commands end with ${status}:\n${here}\nThey say:\n${said}`);
            return said;
        };
        const [prints, comesToPrint] = [says.prints, says.comesToPrint].map(
            (said) => said && renamed(said, this.names),
        );
        if (comesToPrint !== undefined) await until(here, once, (said) => said.includes(comesToPrint));
        else {
            const said = await once();
            if (prints !== undefined)
                assert.ok(said.includes(prints), `"${prints}" is not in what is printed:\n${said}`);
        }
    }

    /** Edits the record of its stack, which an import would clear of what was interrupted. */
    editState(edit: (deployment: State) => void) {
        const file = join(this.copy.directory, "state", ".pulumi", "stacks", "pglog", `${this.stack}.json`);
        const record = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: State } };
        edit(record.checkpoint.latest);
        writeFileSync(file, JSON.stringify(record));
    }

    /** Takes everything away, also what the commands meant to keep. */
    async remove() {
        for (const name of this.made) {
            const namespace = `pglog-${name}`;
            const volumes = await output("kubectl", [
                ...["get", "pv", "--output"],
                `jsonpath={.items[?(@.spec.claimRef.namespace=="${namespace}")].metadata.name}`,
            ]);
            for (const volume of volumes.split(" ").filter((one) => one !== ""))
                await run("kubectl", [
                    ...["patch", "pv", volume, "--patch"],
                    JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Delete" } }),
                ]);
            if (!(await exists("namespace", namespace))) continue;
            await output("kubectl", ["delete", "namespace", namespace, "--timeout=180s"]);
        }
        this.copy.remove();
    }
}

interface StackFile {
    config: Record<string, unknown>;
}

function freePort(): Promise<number> {
    return new Promise((found, reject) => {
        const server = createServer();
        server.on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo;
            server.close(() => {
                found(port);
            });
        });
    });
}

async function defaultStorageClass() {
    const { items } = JSON.parse(await output("kubectl", ["get", "storageclass", "--output", "json"])) as {
        items: {
            metadata: { annotations?: Record<string, string> };
            allowVolumeExpansion?: boolean;
            volumeBindingMode?: string;
        }[];
    };
    const isDefault = "storageclass.kubernetes.io/is-default-class";
    const none: Partial<(typeof items)[number]> = {};
    return items.find(({ metadata }) => metadata.annotations?.[isDefault] === "true") ?? none;
}

/** Why there is not what a block needs; undefined where there is. */
const lacks: Record<Need, () => Promise<string | undefined>> = {
    shipper: () => Promise.resolve(noShipper),
    versions: () => Promise.resolve(noVersions),
    async expansion() {
        const { allowVolumeExpansion } = await defaultStorageClass();
        return allowVolumeExpansion === true ? undefined : "the default StorageClass cannot expand volumes";
    },
    async binding() {
        const { volumeBindingMode } = await defaultStorageClass();
        return volumeBindingMode === "Immediate" ? undefined : "the default StorageClass waits for the first Pod";
    },
    async psql() {
        const found = await run("bash", ["-c", "command -v psql pg_isready"]);
        return found.status === 0 ? undefined : "there is no psql on this machine";
    },
};

/** What happens before a block, and what must be so after it, beside what it prints: by the start of its commands. */
interface Beside {
    block: RegExp;
    before?: (reader: Reader, cluster: Namespace) => unknown;
    after?: (reader: Reader, cluster: Namespace) => Promise<unknown>;
}

async function rows(cluster: Namespace, count: string) {
    assert.equal(await cluster.sql("SELECT count(*) || ' of ' || sum(n) FROM orders"), count);
}
const thousand = "1000 of 500500";

const beside: Record<string, Beside[]> = {
    "docs/operating.md": [
        {
            block: /pg_dump --username=postgres --dbname=app .* >app\.dump/s,
            async before(_, cluster) {
                await cluster.postgresPod();
                await cluster.sql("CREATE ROLE reader LOGIN");
                await cluster.sql("CREATE TABLE orders AS SELECT generate_series(1, 1000) AS n");
                await cluster.sql("ALTER TABLE orders OWNER TO app; GRANT SELECT ON orders TO reader");
            },
        },
        {
            block: /app_damaged/,
            before: (_, cluster) => cluster.sql("DELETE FROM orders WHERE n > 10"),
            async after(_, cluster) {
                await rows(cluster, thousand);
                assert.equal(await cluster.sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'"), "-1");
                const owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'orders'";
                assert.equal(await cluster.sql(owner), "app");
            },
        },
        {
            block: /^old\(\)/,
            async after({ stack }, cluster) {
                const second = new Namespace(`pglog-${stack}-18`);
                await rows(second, thousand);
                assert.equal(await second.sql("SELECT has_table_privilege('reader', 'orders', 'SELECT')"), "t");
                assert.match(await second.sql("SHOW server_version"), /^18/);
                assert.match(await cluster.sql("SHOW server_version"), /^15/);
                // The application goes on with the old one in what follows.
                await cluster.sql("ALTER ROLE app CONNECTION LIMIT -1");
            },
        },
        {
            block: /--clear-pending-creates/,
            /** As an engine leaves it that ended after the Service was made and before it was written down. */
            before(reader) {
                reader.editState((state) => {
                    const index = state.resources.findIndex(({ urn }) => urn.endsWith("::postgres-nodeport"));
                    const [resource] = state.resources.splice(index, 1) as [Resource];
                    for (const { dependencies = [], propertyDependencies = {} } of state.resources)
                        for (const urns of [dependencies, ...Object.values(propertyDependencies)])
                            if (urns.includes(resource.urn)) urns.splice(urns.indexOf(resource.urn), 1);
                    const unfinished = { ...resource, id: undefined, outputs: undefined };
                    state.pending_operations = [{ resource: unfinished, type: "creating" }];
                });
            },
            after: async (_, cluster) => cluster.uid("service", "postgres-nodeport"),
        },
        {
            block: /^pulumi config set protectData true/,
            async after(_, cluster) {
                const { items } = await cluster.get<{ items: object[] }>("deployments,services,jobs");
                assert.deepEqual(items, []);
            },
        },
        {
            block: /persistentVolumeReclaimPolicy/,
            async after(_, cluster) {
                await cluster.postgresPod();
                if (noVersions === undefined) await rows(cluster, thousand);
            },
        },
        {
            block: /^pulumi config set protectData false/,
            async after(_, { namespace }) {
                assert.equal(await exists("namespace", namespace), false);
            },
        },
    ],
};

interface Resource {
    urn: string;
    id?: string;
    outputs?: object;
    dependencies?: string[];
    propertyDependencies?: Record<string, string[]>;
}
interface State {
    resources: Resource[];
    pending_operations?: object[];
}

const all = blocksOf("cluster");
/** What README.md does to come from nothing to a stack; every document begins with it. */
const comesUp = all.find(({ file, text }) => file === "README.md" && text.includes("pulumi stack select --create dev"));

for (const file of new Set(all.map((block) => block.file)))
    describe(`the commands of ${file}`, () => {
        let reader: Reader;
        let cluster: Namespace;
        const todo = [...(beside[file] ?? [])];
        let broken: string | undefined;

        before(async () => {
            assert.ok(comesUp, "README.md has no block that makes the stack dev");
            // A dump needs programs of the server's version, and of the one before the next.
            reader = new Reader(file === "docs/operating.md" && noVersions === undefined ? 15 : undefined);
            cluster = new Namespace(`pglog-${reader.stack}`);
            await reader.run(comesUp);
            await cluster.postgresPod();
        });
        after(() => (reader as Reader | undefined)?.remove());

        for (const block of all.filter((one) => one.file === file)) {
            const title = titleOf(block);
            it(title, async function () {
                const skip = (reason: string) => {
                    console.log(`      skipped: ${reason}`);
                    this.skip();
                };
                if (broken !== undefined) skip(`${broken} failed`);
                for (const need of block.needs) {
                    const reason = await lacks[need]();
                    if (reason !== undefined) skip(`it needs ${needs[need]}: ${reason}`);
                }
                broken = title;
                const hooks = todo.filter(({ block: pattern }) => pattern.test(block.text));
                for (const { before: prepare } of hooks) await prepare?.(reader, cluster);
                await reader.run(block);
                for (const { after: check } of hooks) await check?.(reader, cluster);
                broken = undefined;
            });
        }

        it("have every block that something is checked beside", () => {
            for (const { block } of todo)
                assert.ok(
                    all.some((one) => one.file === file && block.test(one.text)),
                    String(block),
                );
        });
    });
