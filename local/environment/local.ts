import type { ListrTask } from "listr2";
import { join } from "node:path";
import { elasticsearchVersion, otherImages, postgresImages } from "../../stacks/versions";
import { buildLogs, environmentDirectory, programs as bin } from "../machine/cache";
import { Cluster } from "../cluster/cluster";
import { variablesFor, type Environment } from "./environment";
import { fetchImage, isFetchable, isFetched } from "../build/fetchedImage";
import { findShipper, howToGetFluentBit } from "../build/fluentBit";
import { engine as engineProgram, engineVersion } from "../build/goPrograms";
import { officialSource, reachStep, type Source } from "../build/official";
import { missingProvided, missingRest, provide } from "../build/programs";
import {
    areDatabaseImagesMade,
    databaseImages,
    otherPostgresImages,
    pauseImage,
    postgresVersion,
    shippingImages,
    type Image,
} from "../build/images";
import { checkMachine, installPackages, missingPackages } from "../machine/requirements";
import { renderPart, type Part } from "../build/parts";
import { builtEngine, findEngine, isEngineHere, missingPulumi, plugins, type Engine } from "../build/pulumi";
import { allNamed, lastLine } from "./steps";

/** The images of a stack, by their keys in the setting `images`. */
type StackImages = Record<"postgres" | "curl" | "fluentBit" | "elasticsearch", Image>;

/** The results of the steps so far. */
interface Made {
    /** Programs of the cluster. */
    programs: Part[];
    engine: Engine;
    plugins: Part[];
    images: { stack: StackImages; parts: Part[]; fetched: boolean; shipperStandIn?: string };
    /** Images of other major versions of PostgreSQL. */
    others?: Record<number, Image>;
}

/** The references of the stack's official images. */
const officialImages = { postgres: postgresImages[17], ...otherImages };

/** The things that a start must build or download first, one for each line; empty once all are in the cache. */
export async function missingHere(source = officialSource()): Promise<string[]> {
    const debian = missingPackages();
    const { releases } = source;
    const missing = missingProvided(source).map(({ release, version }) => ({ ...releases[release], built: version }));
    if (!(await isEngineHere(source))) missing.push({ ...releases.pulumi, built: engineVersion });
    const rest = missingRest();
    const images = areDatabaseImagesMade() || Object.values(officialImages).every(isFetched);
    return [
        ...(debian.length > 0 ? [`Debian packages: ${debian.join(", ")}`] : []),
        ...missing.map(
            ({ name, version, built }) => `${name}: the official ${version}, or ${built} from its Go module`,
        ),
        ...(rest.length > 0 ? [`${rest.join(" and ")}, from Go modules`] : []),
        ...(images ? [] : ["images: the official ones, or made from Debian and Maven packages"]),
    ];
}

/**
 * The steps that make and start the local environment. Slow steps run at the same time.
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
    const source = officialSource();
    return allNamed([
        {
            title: "This machine",
            task: async () =>
                checkMachine(
                    missingProvided(source).length > 0 || missingRest().length > 0 || !areDatabaseImagesMade(),
                ),
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
        reachStep(source, async () => [
            ...missingProvided(source).map(({ release }) => source.releases[release].url),
            ...(await missingPulumi(source)),
        ]),
        {
            title: "Programs and images",
            task: (_, task) =>
                task.newListr(allNamed([programStep(made, source), imageStep(made, forTests)]), {
                    concurrent: true,
                    rendererOptions: { collapseSubtasks: false },
                }),
        },
        {
            title: `One-node cluster ${name}`,
            task: async (_, task) => {
                const { images, others = {} } = made as Made;
                const cluster = new Cluster(name);
                const all = [...Object.values(images.stack), ...Object.values(others)];
                await cluster.start(await pauseImage(), images.stack.postgres, all, lastLine(task));
                done(environmentWith(made as Made, cluster));
            },
        },
    ]);
}

/** The environment of a running cluster, from the results of the steps. */
function environmentWith({ programs, engine, plugins, images, others = {} }: Made, cluster: Cluster): Environment {
    const { name, paths } = cluster;
    return {
        name,
        directory: environmentDirectory(name),
        pulumi: join(engine.directory, "pulumi"),
        variables: variablesFor(name, paths.kubeconfig, engine.directory, bin),
        settings: settingsFor({ fetched: images.fetched, stack: images.stack }),
        ...(images.shipperStandIn !== undefined && { shipperStandIn: images.shipperStandIn }),
        ...(plugins.some(({ origin }) => origin === "stand-in") && {
            noProvider: "a provider of this machine is a stand-in",
        }),
        otherPostgres: Object.fromEntries(Object.entries(others).map(([major, { reference }]) => [major, reference])),
        parts: [...programs, ...engine.parts, ...plugins, ...images.parts],
    };
}

/** The settings that a stack needs to run with these images. Official images need none. */
export function settingsFor(
    images: { fetched: true } | { fetched: false; stack: StackImages },
): Record<string, unknown> {
    if (images.fetched) return {};
    return {
        images: Object.fromEntries(Object.entries(images.stack).map(([key, { reference }]) => [key, reference])),
        elasticsearchRetentionDays: 0, // the core server cannot delete lines by age
    };
}

/** Downloads or builds the programs that this machine lacks. */
async function allPrograms(
    source: Source,
    onLine: (line: string) => void,
): Promise<Pick<Made, "programs" | "engine" | "plugins">> {
    const finding = findEngine(source, onLine);
    const others = finding.then((found) => (found.engine === undefined ? [engineProgram] : []));
    const programs = await provide(others, source, onLine);
    const found = await finding;
    const engine = found.engine ?? (await builtEngine(onLine, found.because));
    return { programs, engine, plugins: await plugins(join(engine.directory, "pulumi"), source, onLine) };
}

function programStep(made: Partial<Made>, source: Source): ListrTask {
    return {
        title: "Kubernetes and Pulumi",
        task: async (_, step) => {
            const { programs, engine, plugins } = await allPrograms(source, lastLine(step));
            Object.assign(made, { programs, engine, plugins });
            step.title = [...programs, engine.parts[0]!].map(renderPart).join(", ");
        },
    };
}

function imageStep(made: Partial<Made>, forTests: boolean): ListrTask {
    return {
        title: "images",
        task: async (_, step) => {
            const onLine = lastLine(step);
            made.images = await stackImages(onLine);
            if (forTests && !made.images.fetched) made.others = await otherPostgresImages(onLine);
        },
    };
}

/** The official images if their registry answers, otherwise images made from packages. */
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
