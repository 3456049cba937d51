import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { buildLogs, cache, fingerprint, isMade, programs as bin } from "../machine/cache";
import { command } from "../machine/command";

/** A Go program that is built here. */
export interface GoProgram {
    /** Directory in `local/go` of the module that has the package, or requires it. */
    module: "programs" | "shipper";
    /** The package. The last part of its path is the name of the program. */
    package: string;
    /** Other names by which the program is called. */
    names?: string[];
    /** Values that its release process gives to variables of the program. */
    variables?: Record<string, string>;
}

const goModules = join(__dirname, "..", "go");

/** Version of a module that one of ours requires. */
export function requiredVersion(directory: string, module: string) {
    const line = readFileSync(join(goModules, directory, "go.mod"), "utf8")
        .split("\n")
        .find((candidate) =>
            candidate
                .trim()
                .replace(/^require /, "")
                .startsWith(`${module} v`),
        );
    if (line === undefined) throw new Error(`local/go/${directory}/go.mod does not require ${module}`);
    return / (v\S+)/.exec(line)![1]!;
}

const localPath = "github.com/rancher/local-path-provisioner";

export const kubernetesVersion = requiredVersion("programs", "k8s.io/kubernetes");
export const dnsVersion = requiredVersion("programs", "github.com/coredns/coredns");
export const volumesVersion = requiredVersion("programs", localPath);
export const engineVersion = requiredVersion("programs", "github.com/pulumi/pulumi/pkg/v3");

const component = "k8s.io/component-base/version";
const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion)!;

/** The programs of a node, all in one file. */
export const kubernetes: GoProgram = {
    module: "programs",
    package: "./kube",
    names: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"],
    variables: {
        [`${component}.gitVersion`]: kubernetesVersion,
        [`${component}.gitMajor`]: major,
        [`${component}.gitMinor`]: minor,
    },
};
/** Keeps a Pod's network. */
export const pause: GoProgram = { module: "programs", package: "./pause" };
export const dns: GoProgram = { module: "programs", package: "./coredns" };
/** Built by itself: it names a package github.com/Sirupsen/logrus, and Go takes no two names that differ in case only. */
export const volumes: GoProgram = { module: "programs", package: localPath };
export const engine: GoProgram = {
    module: "programs",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": engineVersion },
};

/** Stands in for Fluent Bit on machines that cannot have it. */
export const shipper: GoProgram = { module: "shipper", package: "pglog/shipper" };

/** The name of a program, and of its file. */
export const nameOf = (program: GoProgram) => basename(program.package);

/** Where a program is once it is built. */
export function pathOf(program: GoProgram) {
    return join(bin, nameOf(program));
}

/** The same for all programs, so that a package which several of them use is compiled once. */
const flags = [
    ...["-trimpath", "-buildvcs=false", "-tags=grpcnotrace"],
    // What a debugger reads is not linked in either (-w): leaving it out saves a fifth of the compiler's time.
    "-gcflags=all=-dwarf=false",
];

/** What a program is made from. */
function inputs(program: GoProgram) {
    const files = readdirSync(join(goModules, program.module), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    return fingerprint(JSON.stringify([program, flags]), ...files.map((file) => readFileSync(file)));
}

/** Whether all of some programs are there. */
export function areBuilt(programs: GoProgram[]) {
    return programs.every((program) => isMade(pathOf(program), inputs(program)));
}

/**
 * Builds programs of one module into the cache's `bin`, unless they are there. One `go build` makes all of them: it keeps every
 * core busy, and two beside each other would compile the same packages twice.
 *
 * @param onLine called with each line of progress
 */
export async function build(programs: GoProgram[], onLine: (line: string) => void) {
    const missing = programs.filter((program) => !areBuilt([program]));
    if (missing.length === 0) return;
    const from = new Map(missing.map((program) => [program, inputs(program)]));
    const directory = join(bin, `${nameOf(missing[0]!)}.${process.pid}.partial`);
    mkdirSync(directory, { recursive: true });
    try {
        const variables = missing.flatMap((program) => Object.entries(program.variables ?? {}));
        const link = ["-s -w", ...variables.map(([name, value]) => `-X ${name}=${value}`)].join(" ");
        await go(missing, ["build", "-v", ...flags, "-ldflags", link, "-o", `${directory}/`], onLine);
        for (const program of missing) {
            const path = pathOf(program);
            renameSync(join(directory, nameOf(program)), path);
            for (const name of program.names ?? []) {
                rmSync(join(bin, name), { force: true });
                symlinkSync(nameOf(program), join(bin, name));
            }
            writeFileSync(`${path}.from`, from.get(program)!);
        }
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

/** Downloads the modules that programs are built from, unless they are built. */
export async function download(programs: GoProgram[], onLine: (line: string) => void) {
    const missing = programs.filter((program) => !areBuilt([program]));
    if (missing.length > 0) await go(missing, ["list", "-deps", "-f", '{{""}}', ...flags], onLine);
}

function go(programs: GoProgram[], args: string[], onLine: (line: string) => void) {
    const { module } = programs[0]!;
    return command("go", [...args, ...programs.map((program) => program.package)], {
        cwd: join(goModules, module),
        env: goEnvironment(),
        log: join(buildLogs, `go-${module}.log`),
        onLine,
    });
}

/** Downloaded modules and compiled packages are kept in the cache too, and shared by all builds. */
export function goEnvironment(): NodeJS.ProcessEnv {
    return {
        ...collection(process.availableMemory(), availableParallelism()),
        ...process.env,
        CGO_ENABLED: "0",
        GOWORK: "off",
        GOFLAGS: "-modcacherw",
        GOCACHE: join(cache, "go-build"),
        GOMODCACHE: join(cache, "go-modules"),
    };
}

/** The least memory of a compiler, in bytes, with which it needs no collection for most packages. */
const enough = 2 ** 29;

/**
 * How the compilers, of which one runs on each core, collect garbage: not before each has its share of half the free memory,
 * which saves a tenth of their time. Where that is little they do as they always do.
 *
 * @param available free memory in bytes
 */
export function collection(available: number, cores: number): NodeJS.ProcessEnv {
    const share = Math.floor(available / 2 / cores);
    return share < enough ? {} : { GOGC: "off", GOMEMLIMIT: String(share) };
}
