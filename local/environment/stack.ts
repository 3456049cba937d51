import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { isEncrypted } from "../../render/stackFile";
import { command, type CommandOptions } from "../machine/command";
import { stackConfig } from "./stackConfig";
import { environmentOf, type Environment } from "./environment";

const project = resolve(__dirname, "../..");
/** What `pulumi up` reads of this project, beside the stack's file. */
const parts = [
    "Pulumi.yaml",
    "components",
    "index.ts",
    "node_modules",
    "package.json",
    "policy",
    "render",
    "stacks",
    "tsconfig.json",
];

/** What a stack's file holds. */
interface StackFile {
    encryptionsalt?: string;
    config?: Record<string, unknown>;
}

/** What the stack's file was made of the last time. */
interface Last {
    /** Configuration of the project's file. */
    config?: Record<string, unknown>;
    /** What the environment needed beside it. */
    environment?: Record<string, unknown>;
}

/** The outputs that the last page needs. */
export interface Outputs {
    namespace: string;
    services: Record<string, { host: string; port: number } | undefined>;
    logs: { elasticsearch: string; search: string } | null;
}

/**
 * A stack in an environment. It is run in a directory of the environment that looks like the project, with a stack file of
 * its own: the project's, and over it what the environment needs. So nothing in the project changes.
 */
export class Stack {
    private readonly directory;
    private readonly file;

    constructor(
        readonly name: string,
        private readonly environment: Environment,
    ) {
        this.directory = environment.variables.PGLOG_PROJECT!;
        this.file = join(this.directory, `Pulumi.${name}.yaml`);
    }

    /** Writes the directory and the stack's file, as {@link stackConfig} says. */
    prepare() {
        mkdirSync(this.directory, { recursive: true });
        for (const part of parts) {
            const link = join(this.directory, part);
            if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link);
            symlinkSync(join(project, part), link);
        }
        const last = join(this.directory, `last-${this.name}.yaml`);
        const { config: before = {}, environment: needed = {} } = this.read(last) as Last;
        const { config: now = {} } = this.read(join(project, `Pulumi.${this.name}.yaml`));
        const secret = Object.keys(now).find((key) => isEncrypted(now[key]));
        if (secret !== undefined)
            throw new Error(
                `Pulumi.${this.name}.yaml has ${secret} encrypted for a stack elsewhere, which cannot be read here. Run that stack with: pulumi up --stack ${this.name}`,
            );
        const own = this.read(this.file);
        const needs = Object.fromEntries(
            Object.entries(this.environment.settings).map(([key, value]) => [`pglog:${key}`, value]),
        );
        const config = stackConfig({
            own: own.config ?? {},
            project: { before, now },
            needed: { before: needed, now: needs },
        });
        writeFileSync(this.file, stringify({ ...own, config }));
        writeFileSync(last, stringify({ config: now, environment: needs } satisfies Last));
    }

    private read(path: string): StackFile {
        return existsSync(path) ? ((parse(readFileSync(path, "utf8")) as StackFile | null) ?? {}) : {};
    }

    private pulumi(args: string[], options: CommandOptions = {}) {
        return command("pulumi", ["--cwd", this.directory, "--non-interactive", ...args], {
            ...options,
            env: environmentOf(this.environment),
        });
    }

    /** Whether the engine has a record of it. */
    async exists() {
        const stacks = JSON.parse(await this.pulumi(["stack", "ls", "--json"])) as { name: string }[];
        return stacks.some(({ name }) => name === this.name);
    }

    /**
     * Brings it to what its settings say.
     *
     * @param proveAgain make the delivery proof anew, also where nothing changed
     * @returns whether any object was changed
     */
    async up(options: CommandOptions, proveAgain: boolean): Promise<boolean> {
        if (!(await this.exists())) await this.pulumi(["stack", "init", this.name], options);
        const proof = proveAgain ? await this.urnOf("DeliveryProof$kubernetes:batch/v1:Job") : undefined;
        const said = await this.pulumi(
            [
                ...["up", "--stack", this.name, "--yes", "--skip-preview", "--color", "never"],
                ...(proof === undefined ? [] : ["--replace", proof]),
            ],
            options,
        );
        return /^ +(\+-|[+~-]) ?\d+ (created|updated|replaced|deleted)$/m.test(said);
    }

    /** The record of the first object of a type. */
    private async urnOf(type: string) {
        const { deployment } = JSON.parse(await this.pulumi(["stack", "export", "--stack", this.name])) as {
            deployment: { resources?: { urn: string }[] };
        };
        return deployment.resources?.find(({ urn }) => urn.includes(type))?.urn;
    }

    async outputs() {
        return JSON.parse(await this.pulumi(["stack", "output", "--stack", this.name, "--json"])) as Outputs;
    }

    /** The URI for clients in the cluster, with the password: keep it out of every log. */
    async connectionUri() {
        const args = ["stack", "output", "connectionUri", "--stack", this.name, "--show-secrets"];
        return (await this.pulumi(args)).trim();
    }

    async destroy(options: CommandOptions) {
        if (!(await this.exists())) return;
        await this.pulumi(["destroy", "--stack", this.name, "--yes", "--skip-preview", "--color", "never"], options);
        await this.pulumi(["stack", "rm", this.name, "--yes"], options);
    }
}
