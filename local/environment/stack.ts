import {
    existsSync,
    lstatSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { isEncrypted } from "../../render/stackFile";
import { command, type CommandOptions } from "../machine/command";
import { fingerprint } from "../machine/cache";
import type { Plan } from "../../report/change";
import { planFromPreview, runPreview } from "../../report/source/preview";
import { stackConfig } from "./stackConfig";
import { environmentOf, type Environment } from "./environment";

const project = resolve(__dirname, "../..");
/** The files of this project that `pulumi up` reads, except the stack file. */
const parts = [
    "Pulumi.yaml",
    "components",
    "index.ts",
    "node_modules",
    "package.json",
    "policy",
    "render",
    "stacks",
    "start",
    "tsconfig.json",
];

/** The content of a stack file. */
interface StackFile {
    encryptionsalt?: string;
    config?: Record<string, unknown>;
}

/** The inputs of the stack file when it was last written. */
interface Last {
    /** Configuration in the project's stack file. */
    config?: Record<string, unknown>;
    /** Settings that the environment needed. */
    environment?: Record<string, unknown>;
}

function filesIn(directory: string) {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort();
}

/** The outputs that the page shows. */
export interface Outputs {
    namespace: string;
    services: Record<string, { host: string; port: number } | undefined>;
}

/**
 * A stack in an environment. It runs in a directory of the environment that looks like the project. The stack file there
 * has the project's settings, overridden by those that the environment needs. So nothing in the project changes.
 */
export class Stack {
    private readonly directory;
    private readonly file;
    /** Describes what the last successful `up` ran on, and its result. */
    private readonly applied;

    constructor(
        readonly name: string,
        private readonly environment: Environment,
    ) {
        this.directory = environment.variables.PGLOG_PROJECT!;
        this.file = join(this.directory, `Pulumi.${name}.yaml`);
        this.applied = join(this.directory, `applied-${name}`);
    }

    /** Writes the directory and the stack file, as {@link stackConfig} describes. */
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
                `Pulumi.${this.name}.yaml has ${secret}, encrypted for a stack elsewhere, which this environment cannot decrypt. Run that stack with: pulumi up --stack ${this.name}`,
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

    /** True if the engine has this stack. */
    async exists() {
        const stacks = JSON.parse(await this.pulumi(["stack", "ls", "--json"])) as { name: string }[];
        return stacks.some(({ name }) => name === this.name);
    }

    /**
     * Previews `up`. Undefined if no preview is needed: the stack does not exist yet and has nothing to lose, or nothing
     * has changed since the last `up`.
     */
    async plan(): Promise<Plan | undefined> {
        if (!(await this.exists())) return undefined;
        if (existsSync(this.applied) && readFileSync(this.applied, "utf8") === (await this.inputs())) return undefined;
        const flags = ["--cwd", this.directory];
        return planFromPreview(this.name, await runPreview(this.name, flags, environmentOf(this.environment)));
    }

    /**
     * Runs `pulumi up`.
     *
     * @param proveAgain replace the delivery proof even if nothing else changed
     * @returns true if any object was changed
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
        writeFileSync(this.applied, await this.inputs());
        return /^ +(\+-|[+~-]) ?\d+ (created|updated|replaced|deleted)$/m.test(said);
    }

    /**
     * Everything that decides what `up` does: the program, its settings, and the engine's state. Any change gives a new
     * text.
     */
    private async inputs() {
        const files = parts
            .filter((part) => part !== "node_modules") // package.json names the exact versions
            .map((part) => join(project, part))
            .flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]));
        const settings = JSON.stringify(this.read(this.file)); // the engine and prepare() format the same file differently
        return fingerprint(await this.state(), settings, ...files.map((path) => readFileSync(path)));
    }

    private state() {
        return this.pulumi(["stack", "export", "--stack", this.name]);
    }

    /** The URN of the first resource of a type. */
    private async urnOf(type: string) {
        const { deployment } = JSON.parse(await this.state()) as {
            deployment: { resources?: { urn: string }[] };
        };
        return deployment.resources?.find(({ urn }) => urn.includes(type))?.urn;
    }

    async outputs() {
        return JSON.parse(await this.pulumi(["stack", "output", "--stack", this.name, "--json"])) as Outputs;
    }

    /** The URI for clients in the cluster. It contains the password, so keep it out of every log. */
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
