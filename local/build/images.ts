import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { elasticsearchVersion } from "../../stacks/versions";
import { fingerprint, programs } from "../machine/cache";
import { baseLayer } from "./debianBase";
import type { FetchedImage } from "./fetchedImage";
import { layerFile, programLayer, type Layer } from "./layer";
import { elasticsearchLayer, postgresLayer, postgresVersions } from "./serverLayers";

/** An image that this machine makes: its layers, and how its programs run. */
export interface BuiltImage {
    /** Name and tag. The tag ends with a fingerprint of the content. */
    reference: string;
    layers: Layer[];
    config: { Entrypoint: string[]; Env?: string[]; User?: string };
}

export type Image = FetchedImage | BuiltImage;

/** The version of PostgreSQL in the built image. */
export const postgresVersion = postgresVersions[17];

const path = (...first: string[]) =>
    `PATH=${[...first, "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].join(":")}`;

function image(name: string, version: string, of: Layer[], config: BuiltImage["config"]): BuiltImage {
    const content = fingerprint(JSON.stringify([of.map(({ digest }) => digest), config])).slice(0, 8);
    return { reference: `pglog.local/${name}:${version}-${content}`, layers: of, config };
}

/** The image of the process that keeps a Pod's network namespace open. */
export async function pauseImage(): Promise<BuiltImage> {
    const entry = { Entrypoint: ["/pause"] };
    return image("pause", "1", [await programLayer("pause", join(programs, "pause"), ".")], entry);
}

/** An image of PostgreSQL. Its client programs always come from Debian. */
function postgresImage(version: string, layers: Layer[]): BuiltImage {
    const major = version.split(".")[0]!;
    const directories = [...new Set([major, "15"])].map((one) => `/usr/lib/postgresql/${one}/bin`);
    return image("postgres", version, layers, {
        Env: [path(...directories), `PG_MAJOR=${major}`, "LANG=C.UTF-8"],
        Entrypoint: ["postgres"],
    });
}

/** The images of the database's Pod and of the Jobs, by their keys in the setting `images`. */
export async function databaseImages(onLine: (line: string) => void) {
    const first = await baseLayer(onLine);
    return {
        postgres: postgresImage(postgresVersion, [first, await postgresLayer(17, onLine)]),
        curl: image("curl", "7", [first], { User: "100", Env: [path()], Entrypoint: ["curl"] }),
    };
}

/** Images of other major versions of PostgreSQL, for tests of upgrades. */
export async function otherPostgresImages(onLine: (line: string) => void) {
    const first = await baseLayer(onLine);
    return {
        15: postgresImage("15", [first]),
        18: postgresImage(postgresVersions[18], [first, await postgresLayer(18, onLine)]),
    };
}

/**
 * The images that ship the lines and store them, by their keys in the setting `images`.
 *
 * @param program path of Fluent Bit, or of the stand-in for it
 */
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

/** True if the cache has the layers that {@link databaseImages} needs. */
export function areDatabaseImagesMade() {
    return ["base", "postgres-17"].every((name) => existsSync(`${layerFile(name)}.from`));
}
