import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { buildLogs, cache, fingerprint, isMade, programs as bin } from "../machine/cache";
import { command } from "../machine/command";

/** A Go program that this machine builds. */
export interface GoProgram {
    /** Directory in `local/go` with the module that contains the package or requires it. */
    module: "programs" | "shipper";
    /** The package. The last part of its path is the name of the program. */
    package: string;
    /** Other names for the program. Its first argument tells it which one was used. */
    names?: string[];
    /** Variables of the program that its release process sets. */
    variables?: Record<string, string>;
}

const goModules = join(__dirname, "..", "go");

/** The version of a module that one of our modules requires. */
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
/** Keeps a Pod's network namespace open. */
export const pause: GoProgram = { module: "programs", package: "./pause" };
export const dns: GoProgram = { module: "programs", package: "./coredns" };
/** Built alone: it imports github.com/Sirupsen/logrus, and Go refuses two import paths that differ only in case. */
export const volumes: GoProgram = { module: "programs", package: localPath };
export const engine: GoProgram = {
    module: "programs",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": engineVersion },
};

/** The stand-in for Fluent Bit, for machines that have none. */
export const shipper: GoProgram = { module: "shipper", package: "pglog/shipper" };

/** The name of a program and of its file. */
export const nameOf = (program: GoProgram) => basename(program.package);

/** The path of a built program. */
export function pathOf(program: GoProgram) {
    return join(bin, nameOf(program));
}

/** The flags are the same for all programs, so a shared package is compiled once. */
const flags = [
    ...["-trimpath", "-buildvcs=false", "-tags=grpcnotrace"],
    // The linker also leaves out debug information (-w), which saves a fifth of the compile time.
    "-gcflags=all=-dwarf=false",
];

/** The fingerprint of a program's sources. */
function inputs(program: GoProgram) {
    const files = readdirSync(join(goModules, program.module), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    return fingerprint(JSON.stringify([program, flags]), ...files.map((file) => readFileSync(file)));
}

/** True if the cache has all the programs. */
export function areBuilt(programs: GoProgram[]) {
    return programs.every((program) => isMade(pathOf(program), inputs(program)));
}

/**
 * Builds programs of one module into the cache's `bin`, unless they are there. One `go build` makes all of them: it keeps
 * every core busy, and two builds at the same time would compile the same packages twice.
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

/** Downloads the modules for those programs that are not built yet. */
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

/** The cache also keeps downloaded modules and compiled packages. All builds share them. */
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

/** Memory in bytes with which a compiler can compile most packages without collecting garbage. */
const enough = 2 ** 29;

/**
 * The garbage collection settings of the compilers, one of which runs on each core. A compiler does not collect garbage
 * until it has used its share of half the free memory, which saves a tenth of the time. With little free memory Go's
 * defaults stay.
 *
 * @param available free memory in bytes
 */
export function collection(available: number, cores: number): NodeJS.ProcessEnv {
    const share = Math.floor(available / 2 / cores);
    return share < enough ? {} : { GOGC: "off", GOMEMLIMIT: String(share) };
}
