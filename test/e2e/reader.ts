import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { renamed, type Block } from "../support/docsCommands";
import { ProjectCopy } from "../support/projectCopy";
import { runBlock } from "../support/runBlock";
import { stacks } from "../support/stackFile";
import { postgresImages } from "../../stacks/versions";
import { exists } from "./namespace";
import { images, noShipper, postgresImage, retentionDays } from "./environment";
import { output, run, until } from "./run";

export interface Resource {
    urn: string;
    id?: string;
    outputs?: object;
    dependencies?: string[];
    propertyDependencies?: Record<string, string[]>;
}

export interface State {
    resources: Resource[];
    pending_operations?: object[];
}

/** The place where a document's commands run: a copy of the project with separate stacks, state and home directory. */
export class Reader {
    private readonly names: Record<string, string>;
    readonly stack = `docs${randomBytes(3).toString("hex")}`;
    private readonly copy = new ProjectCopy(["report", "policy", "logs", "local"]);
    private readonly env: NodeJS.ProcessEnv;

    /** @param version the version of PostgreSQL with which its stack starts */
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
            PULUMI_SKIP_CONFIRMATIONS: "true", // the reader looks at the preview and answers yes
        };
    }

    /** The names of all stacks so far: the project's, and those that commands made from them. */
    private get made() {
        return [...Object.values(this.names), `${this.stack}-18`];
    }

    /** Adapts the stack files to the machine: its images, its CPU, and what it lacks. */
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

    /** The commands of a block for this machine: different stacks, images and free ports. */
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

    /** Edits the record of its stack. An import would delete the pending operations. */
    editState(edit: (deployment: State) => void) {
        const file = join(this.copy.directory, "state", ".pulumi", "stacks", "pglog", `${this.stack}.json`);
        const record = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: State } };
        edit(record.checkpoint.latest);
        writeFileSync(file, JSON.stringify(record));
    }

    /** Removes everything, including what the commands kept on purpose. */
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
