import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { programs as bin } from "../machine/cache";
import {
    areBuilt,
    build,
    dns,
    dnsVersion,
    download,
    kubernetes,
    kubernetesVersion,
    nameOf,
    pathOf,
    pause,
    volumes,
    volumesVersion,
    type GoProgram,
} from "./goPrograms";
import type { Part } from "./parts";
import { isTaken, take, type Source } from "./official";
import type { Releases } from "./releases";

/** A part of the cluster that has an official release. */
export interface Provided {
    release: keyof Releases;
    /** What is built where the release is not taken. */
    programs: GoProgram[];
    /** Version of what is built. */
    version: string;
    /** Programs of the part that no release has. They are always built. */
    rest: GoProgram[];
}

export const clusterPrograms: Provided[] = [
    { release: "kubernetes", programs: [kubernetes], version: kubernetesVersion, rest: [pause] },
    { release: "coredns", programs: [dns], version: dnsVersion, rest: [] },
];

/** Builds Go programs, and knows which are there. */
export interface Builder {
    areBuilt: typeof areBuilt;
    download: typeof download;
    build: typeof build;
    /** Has a program built again when it is needed, because an official one has taken its place. */
    forget: (program: GoProgram) => void;
    /** Where the programs are put. */
    directory: string;
}
const goBuilder: Builder = {
    areBuilt,
    download,
    build,
    forget: (program) => {
        rmSync(`${pathOf(program)}.from`, { force: true });
    },
    directory: bin,
};

const note = "local/go/programs";
const volumesPart: Part = { name: "local-path-provisioner", version: volumesVersion, origin: "built", note };

/** The parts of the cluster that a start has to download or build. */
export function missingProvided(source: Source, { areBuilt } = goBuilder): Provided[] {
    return clusterPrograms.filter(({ release, programs }) => !isTaken(source, release) && !areBuilt(programs));
}

/** Names of the programs that a start has to build, since no release has them. */
export function missingRest({ areBuilt } = goBuilder): string[] {
    const always = [...clusterPrograms.flatMap(({ rest }) => rest), volumes];
    return always.filter((program) => !areBuilt([program])).map(nameOf);
}

/** Where the programs of a part come from. */
interface Choice {
    part: Part;
    build: GoProgram[];
    /** Directory of the release that was taken. */
    taken?: string;
}

/**
 * Decides where the programs of a part come from, and downloads the release if that is the answer. What was built stays until
 * its sources change: a download of the official ones would be for nothing.
 */
async function choose(
    { release: name, programs, version, rest }: Provided,
    source: Source,
    onLine: (line: string) => void,
    { areBuilt }: Builder,
): Promise<Choice> {
    const release = source.releases[name];
    const built = (more: string[]): Choice => ({
        part: { name: release.name, version, origin: "built", note: [note, ...more].join(". ") },
        build: [...programs, ...rest],
    });
    if (areBuilt(programs) && !isTaken(source, name)) return built([]);
    const { directory, because } = await take(source, name, onLine);
    if (directory === undefined) return built([because]);
    const part: Part = { name: release.name, version: release.version, origin: "official", note: release.url };
    return { part, build: rest, taken: directory };
}

/**
 * Puts the programs of the cluster in place. The releases are downloaded side by side, and all that has to be built after
 * them is built in one go. The provisioner of volumes is built meanwhile: its packages are a part of those of Kubernetes, and
 * the modules of the rest come in while they are compiled.
 *
 * @param others programs to build with those of the cluster, once it is known which
 * @returns what the programs are, with the reason where they had to be built
 */
export async function provide(
    others: Promise<GoProgram[]>,
    source: Source,
    onLine: (line: string) => void,
    builder = goBuilder,
): Promise<Part[]> {
    const find = async () => {
        const choosing = clusterPrograms.map((one) => choose(one, source, onLine, builder));
        const [more, ...choices] = await Promise.all([others, ...choosing]);
        const programs = [...choices.flatMap(({ build }) => build), ...more];
        await builder.download(programs, onLine);
        return { choices, programs };
    };
    const [{ choices, programs }] = await Promise.all([find(), builder.build([volumes], onLine)]);
    await builder.build(programs, onLine);
    for (const [index, { taken }] of choices.entries())
        if (taken !== undefined) link(clusterPrograms[index]!, taken, source, builder);
    return [...choices.map(({ part }) => part), volumesPart];
}

/** Puts the programs of a release where the cluster looks for them. */
function link({ release, programs }: Provided, taken: string, source: Source, { directory, forget }: Builder) {
    mkdirSync(directory, { recursive: true });
    programs.forEach(forget);
    for (const name of source.releases[release].programs) {
        const place = join(directory, name);
        rmSync(place, { force: true });
        symlinkSync(join(taken, name), place);
    }
}
