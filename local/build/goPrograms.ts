import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { buildLogs, cache, fingerprint, isMade, make, programs } from "../machine/cache";
import { command } from "../machine/command";

/** A Go module in `local/go`, and the programs that are built from it. */
interface GoModule {
    directory: string;
    /** Package to build for each program. */
    programs: Record<string, string>;
    /** Other names by which the first program is called. */
    names?: string[];
    tags?: string;
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

export const kubernetesVersion = requiredVersion("kube", "k8s.io/kubernetes");
export const engineVersion = requiredVersion("pulumi", "github.com/pulumi/pulumi/pkg/v3");

const component = "k8s.io/component-base/version";
const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion)!;

export const kubernetes: GoModule = {
    directory: "kube",
    programs: { kube: ".", pause: "./pause" },
    names: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"],
    variables: {
        [`${component}.gitVersion`]: kubernetesVersion,
        [`${component}.gitMajor`]: major,
        [`${component}.gitMinor`]: minor,
    },
};
export const addons: GoModule = {
    directory: "addons",
    programs: { coredns: "./coredns", "local-path-provisioner": "github.com/rancher/local-path-provisioner" },
};
export const engine: GoModule = {
    directory: "pulumi",
    programs: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    tags: "osusergo,grpcnotrace",
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": engineVersion },
};

/** Stands in for Fluent Bit on machines that cannot have it. */
export const shipper: GoModule = { directory: "shipper", programs: { shipper: "." } };

/** What a module's programs are made from. */
function inputs(module: GoModule) {
    const files = readdirSync(join(goModules, module.directory), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    return fingerprint(JSON.stringify(module), ...files.map((file) => readFileSync(file)));
}

/** Whether all programs of a module are there. */
export function areBuilt(module: GoModule) {
    return isMade(join(programs, `.${module.directory}`), inputs(module));
}

/**
 * Builds the programs of a module into the cache's `bin`, unless they are there.
 *
 * @param onLine called with each line of progress
 */
export async function build(module: GoModule, onLine: (line: string) => void) {
    await make(join(programs, `.${module.directory}`), inputs(module), async (directory) => {
        mkdirSync(directory, { recursive: true });
        const flags = [
            "-s -w",
            ...Object.entries(module.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`),
        ];
        for (const [program, path] of Object.entries(module.programs))
            await command(
                "go",
                [
                    // What a debugger reads is not linked in either (-w): leaving it out saves a fifth of the compiler's time.
                    ...["build", "-v", "-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"],
                    ...["-ldflags", flags.join(" ")],
                    ...(module.tags === undefined ? [] : ["-tags", module.tags]),
                    ...["-o", join(directory, program), path],
                ],
                {
                    cwd: join(goModules, module.directory),
                    env: goEnvironment(),
                    log: join(buildLogs, `${module.directory}.log`),
                    onLine,
                },
            );
        for (const name of Object.keys(module.programs)) {
            rmSync(join(programs, name), { force: true });
            renameSync(join(directory, name), join(programs, name));
        }
        const [first] = Object.keys(module.programs);
        for (const name of module.names ?? []) {
            rmSync(join(programs, name), { force: true });
            symlinkSync(first!, join(programs, name));
        }
    });
}

/** Downloaded modules and compiled packages are kept in the cache too, and shared by all builds. */
function goEnvironment(): NodeJS.ProcessEnv {
    return {
        ...process.env,
        CGO_ENABLED: "0",
        GOWORK: "off",
        GOFLAGS: "-modcacherw",
        GOCACHE: join(cache, "go-build"),
        GOMODCACHE: join(cache, "go-modules"),
    };
}
