import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildLogs, cache, programs, pulumiHome } from "../machine/cache";
import { command, CommandFailed } from "../machine/command";
import { areBuilt, build, engine, engineVersion } from "./goPrograms";
import { isTaken, take, type Source } from "./official";
import { programPath } from "../machine/requirements";
import type { Part } from "./parts";

const project = resolve(__dirname, "../..");
const { dependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    dependencies: Record<"@pulumi/kubernetes" | "@pulumi/random", string>;
};

/** The engine's directory, and the origins of its programs. */
export interface Engine {
    directory: string;
    parts: Part[];
}

/** The default directory of Pulumi's installer for programs, and of the engine for plugins. */
const usersPulumi = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");

/** The user's own Pulumi, if it is new enough for this program and includes the host for Node programs. */
async function ownEngine(): Promise<Engine | undefined> {
    const found = programPath("pulumi") ?? [join(usersPulumi, "bin", "pulumi")].find(existsSync);
    if (found === undefined || dirname(found).startsWith(`${cache}/`)) return undefined;
    const directory = dirname(found);
    if (!existsSync(join(directory, "pulumi-language-nodejs"))) return undefined;
    const version = (
        await command(found, ["version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } })
    ).trim();
    if (!isAtLeast(version, engineVersion)) return undefined;
    return {
        directory,
        parts: [
            { name: "Pulumi engine", version, origin: "found", note: found },
            { name: "Node language host", version, origin: "found", note: join(directory, "pulumi-language-nodejs") },
        ],
    };
}

/** True if `version` is the same as `other` or newer. */
export function isAtLeast(version: string, other: string) {
    const numbers = (text: string) => (/\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number);
    const [a, b] = [numbers(version), numbers(other)];
    const different = b.findIndex((value, index) => value !== (a[index] ?? 0));
    return different === -1 || (a[different] ?? 0) > b[different]!;
}

/** An engine; or none, with the reason if the official one was tried. */
type Found = { engine: Engine; because?: never } | { engine?: never; because?: string };

/** The user's own engine, or else the official release. None if an engine was built before, or must be built. */
export async function findEngine(source: Source, onLine: (line: string) => void): Promise<Found> {
    const own = await ownEngine();
    if (own !== undefined) return { engine: own };
    if (areBuilt([engine]) && !isTaken(source, "pulumi")) return {};
    const { directory, because } = await take(source, "pulumi", onLine);
    if (directory === undefined) return { because };
    const { version, url } = source.releases.pulumi;
    const parts: Part[] = [
        { name: "Pulumi engine", version, origin: "official", note: url },
        { name: "Node language host", version, origin: "official", note: url },
    ];
    return { engine: { directory, parts } };
}

/**
 * Builds the engine from its Go module. The host for Node programs is in no Go module, so the project's stand-in runs
 * them.
 *
 * @param because why the official engine is not used
 */
export async function builtEngine(onLine: (line: string) => void, because?: string): Promise<Engine> {
    await build([engine], onLine);
    const version = engineVersion;
    wrapper(join(programs, "pulumi-language-nodejs"), "languageHost");
    const note = [join(programs, "pulumi"), ...(because === undefined ? [] : [because])].join(". ");
    return {
        directory: programs,
        parts: [
            { name: "Pulumi engine", version, origin: "built", note },
            { name: "Node language host", version, origin: "stand-in", note: "local/standin/languageHost.ts" },
        ],
    };
}

/**
 * Writes a program that runs a stand-in. It uses the checkout of the environment, because environments of different
 * checkouts share the program. A checkout of an earlier version has no `start`, and runs stand-ins with tsx.
 */
function wrapper(path: string, standIn: string) {
    mkdirSync(dirname(path), { recursive: true });
    const lines = [
        "#!/bin/sh",
        `checkout="\${PGLOG_CHECKOUT:-${project}}"`,
        `file=local/standin/${standIn}.ts`,
        'start="$checkout/start/command.cjs"',
        '[ -e "$start" ] || { start="$checkout/node_modules/tsx/dist/cli.mjs"; file="$checkout/$file"; }',
        'exec "$checkout/node_modules/.bin/node" "$start" "$file" "$@"',
    ];
    writeFileSync(path, `${lines.join("\n")}\n`);
    chmodSync(path, 0o755);
}

const providers = [
    { name: "Kubernetes provider", plugin: "kubernetes", version: dependencies["@pulumi/kubernetes"] },
    { name: "random provider", plugin: "random", version: dependencies["@pulumi/random"] },
];
type Provider = (typeof providers)[number];

/** The path of a plugin, and the path of the user's own. */
function placesOf({ plugin, version }: Provider) {
    const folder = `resource-${plugin}-v${version}`;
    const program = `pulumi-resource-${plugin}`;
    const [place, own] = [pulumiHome, usersPulumi].map((home) => join(home, "plugins", folder));
    return { place: place!, own: own!, file: join(place!, program), ownFile: join(own!, program) };
}

/**
 * The addresses from which the engine downloads a plugin, in this order
 * (https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/workspace/plugins.go, `fallbackSource`).
 */
function pluginAddresses({ plugin, version }: Provider) {
    const file = `pulumi-resource-${plugin}-v${version}-linux-amd64.tar.gz`;
    return [
        `https://github.com/pulumi/pulumi-${plugin}/releases/download/v${version}/${file}`,
        `https://get.pulumi.com/releases/plugins/${file}`,
    ];
}

/** True if a start neither downloads nor builds an engine. */
export async function isEngineHere(source: Source) {
    return areBuilt([engine]) || isTaken(source, "pulumi") || (await ownEngine()) !== undefined;
}

/** The addresses of the parts of Pulumi that this start must download. */
export async function missingPulumi(source: Source) {
    const plugins = providers
        .filter((provider) => !existsSync(placesOf(provider).file) && !existsSync(placesOf(provider).ownFile))
        .flatMap(pluginAddresses);
    return (await isEngineHere(source)) ? plugins : [source.releases.pulumi.url, ...plugins];
}

/** The provider plugins: the user's own, or installed ones, or stand-ins. */
export async function plugins(pulumi: string, source: Source, onLine: (line: string) => void): Promise<Part[]> {
    return Promise.all(providers.map((provider) => plugin(provider, pulumi, source, onLine)));
}

async function plugin(
    provider: Provider,
    pulumi: string,
    source: Source,
    onLine: (line: string) => void,
): Promise<Part> {
    const { name, plugin, version } = provider;
    const { place, own, file, ownFile } = placesOf(provider);
    if (usersPulumi !== pulumiHome && existsSync(ownFile)) {
        rmSync(place, { recursive: true, force: true });
        mkdirSync(place, { recursive: true }); // the engine does not accept a symbolic link in place of the directory
        symlinkSync(ownFile, file);
        return { name, version, origin: "found", note: own };
    }
    const isStandIn = () => existsSync(file) && readFileSync(file).subarray(0, 2).toString() === "#!";
    if (existsSync(file) && !isStandIn()) return { name, version, origin: "official", note: place };
    if (!isStandIn() && pluginAddresses(provider).some((address) => source.reached.has(address))) {
        try {
            const log = join(buildLogs, `plugin-${plugin}.log`);
            const env = { ...process.env, PULUMI_HOME: pulumiHome, PULUMI_SKIP_UPDATE_CHECK: "true" };
            await command(pulumi, ["plugin", "install", "resource", plugin, `v${version}`], {
                log,
                onLine,
                env,
                timeout: 300,
            });
            if (existsSync(file)) return { name, version, origin: "official", note: place };
        } catch (error) {
            if (!(error instanceof CommandFailed)) throw error;
        }
    }
    rmSync(place, { recursive: true, force: true });
    wrapper(file, plugin);
    const note = `local/standin/${plugin}.ts. For the official one: pulumi plugin install resource ${plugin} v${version}`;
    return { name, version, origin: "stand-in", note };
}
