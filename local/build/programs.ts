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
    /** The programs that are built if the release is not taken. */
    programs: GoProgram[];
    /** The version that is built. */
    version: string;
    /** Programs of the part that are in no release, so they are always built. */
    rest: GoProgram[];
}

export const clusterPrograms: Provided[] = [
    { release: "kubernetes", programs: [kubernetes], version: kubernetesVersion, rest: [pause] },
    { release: "coredns", programs: [dns], version: dnsVersion, rest: [] },
];

/** Builds Go programs and knows which are built. */
export interface Builder {
    areBuilt: typeof areBuilt;
    download: typeof download;
    build: typeof build;
    /** Marks a program as not built, because an official program has replaced it. */
    forget: (program: GoProgram) => void;
    /** The directory of the programs. */
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

/** The parts of the cluster that a start must download or build. */
export function missingProvided(source: Source, { areBuilt } = goBuilder): Provided[] {
    return clusterPrograms.filter(({ release, programs }) => !isTaken(source, release) && !areBuilt(programs));
}

/** Names of the programs that a start must build because no release has them. */
export function missingRest({ areBuilt } = goBuilder): string[] {
    const always = [...clusterPrograms.flatMap(({ rest }) => rest), volumes];
    return always.filter((program) => !areBuilt([program])).map(nameOf);
}

/** The origin of a part's programs. */
interface Choice {
    part: Part;
    build: GoProgram[];
    /** Directory of the release, if it was taken. */
    taken?: string;
}

/**
 * Decides whether a part's programs are official or built, and downloads the release if needed. Built programs stay until
 * their sources change: downloading the official ones would gain nothing.
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
 * Puts the programs of the cluster in place. Releases are downloaded at the same time; afterwards one build makes all
 * other programs. The volume provisioner is built in the meantime: it shares its packages with Kubernetes, and the
 * remaining modules are downloaded while it compiles.
 *
 * @param others more programs to build; resolves once it is known which
 * @returns the programs, with the reason for each that had to be built
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

/** Links the programs of a release into the directory where the cluster looks for programs. */
function link({ release, programs }: Provided, taken: string, source: Source, { directory, forget }: Builder) {
    mkdirSync(directory, { recursive: true });
    programs.forEach(forget);
    for (const name of source.releases[release].programs) {
        const place = join(directory, name);
        rmSync(place, { force: true });
        symlinkSync(join(taken, name), place);
    }
}
