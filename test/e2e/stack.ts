import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { parse, stringify } from "yaml";
import { images, retentionDays } from "./environment";
import { output, run } from "./run";

/** Value of a configuration key, as in a stack file. */
type Value = string | number | boolean | string[] | Record<string, unknown>;

/** A stack of the tests: a random name, a configuration file outside the project, removed at the end. */
export class TestStack {
    readonly name = `e2e-${randomBytes(3).toString("hex")}`;
    readonly namespace = `pglog-${this.name}`;
    private readonly directory = mkdtempSync(join(tmpdir(), "pglog-e2e-"));
    private readonly configFile = join(this.directory, "Pulumi.yaml");
    /** Points pulumi at this stack. */
    readonly env: NodeJS.ProcessEnv = {
        ...process.env,
        PULUMI_BACKEND_URL: process.env.PULUMI_BACKEND_URL ?? `file://${this.directory}`,
        PULUMI_CONFIG_PASSPHRASE: process.env.PULUMI_CONFIG_PASSPHRASE ?? "e2e",
    };
    /** The directory of the program that its commands run. */
    project = process.cwd();
    private made = false;
    private salt?: string;
    private removed = false;

    constructor(public config: Record<string, Value>) {
        this.write();
    }

    /** Changes keys; undefined removes a key. */
    set(changes: Record<string, Value | undefined>) {
        const changed = Object.entries({ ...this.config, ...changes }).filter(([, value]) => value !== undefined);
        this.config = Object.fromEntries(changed) as Record<string, Value>;
        this.write();
    }

    private write() {
        const config = { elasticsearchRetentionDays: retentionDays, images, ...this.config };
        const entries = Object.entries(config).map(([key, value]) => [`pglog:${key}`, value] as const);
        writeFileSync(
            this.configFile,
            stringify({
                ...(this.salt !== undefined && { encryptionsalt: this.salt }),
                config: Object.fromEntries(entries),
            }),
        );
    }

    /** A secret value in the format of a stack file, encrypted by this stack. */
    async encrypted(value: string): Promise<Value> {
        await this.make();
        const file = join(this.directory, "Pulumi.encrypted.yaml");
        writeFileSync(file, this.salt === undefined ? "" : stringify({ encryptionsalt: this.salt }));
        const args = ["config", "set", "--secret", "value", value, "--stack", this.name, "--config-file", file];
        await output("pulumi", args, { env: this.env });
        const written = parse(readFileSync(file, "utf8")) as { config: Record<string, Record<string, unknown>> };
        return written.config["pglog:value"]!;
    }

    private async make() {
        if (this.made) return;
        await output("pulumi", ["stack", "init", this.name, "--non-interactive"], { env: this.env });
        this.made = true;
        // The command wrote the salt of its encryption into a file of the project, which belongs to the tests' own
        // file.
        const written = join(process.cwd(), `Pulumi.${this.name}.yaml`);
        if (!existsSync(written)) return;
        this.salt = (parse(readFileSync(written, "utf8")) as { encryptionsalt?: string }).encryptionsalt;
        rmSync(written);
        this.write();
    }

    /** Runs a command of pulumi on this stack. */
    async pulumi(command: string, ...args: string[]) {
        await this.make();
        const result = await run(
            "pulumi",
            [
                ...[command, "--cwd", this.project, "--stack", this.name],
                ...["--config-file", this.configFile, "--non-interactive", ...args],
            ],
            { env: this.env },
        );
        return { ...result, text: `${result.stdout}\n${result.stderr}` };
    }

    async up() {
        const result = await this.pulumi("up", "--yes", "--skip-preview");
        if (result.status !== 0) throw new Error(`pulumi up failed:\n${result.text}`);
        return result.text;
    }

    /** The stack's outputs, secrets included. */
    async outputs() {
        const args = ["stack", "output", "--stack", this.name, "--json", "--show-secrets"];
        return JSON.parse(await output("pulumi", args, { env: this.env })) as {
            namespace: string;
            connectionUri: string;
            services: Record<string, { host: string | null; port: number }>;
            logs?: { elasticsearch: string; search: string };
        };
    }

    /** Removes everything, also after a test that failed half-way. */
    async remove() {
        if (this.removed) return;
        this.removed = true;
        if (this.made) {
            const destroyed = await this.pulumi("destroy", "--yes", "--skip-preview");
            if (destroyed.status !== 0) {
                this.set({ protectData: false });
                await this.pulumi("up", "--yes", "--skip-preview");
                const again = await this.pulumi("destroy", "--yes", "--skip-preview");
                if (again.status !== 0) throw new Error(`could not destroy ${this.name}:\n${again.text}`);
            }
            await output("pulumi", ["stack", "rm", this.name, "--yes", "--force"], { env: this.env });
        }
        rmSync(this.directory, { recursive: true });
    }
}
