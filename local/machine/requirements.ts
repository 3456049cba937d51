import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { basename, delimiter, join } from "node:path";
import { cache } from "./cache";
import { command } from "./command";

/** The local environment cannot run on this machine. The message is one sentence that says what to do. */
export class Unsuitable extends Error {}

const elsewhere = "or name a cluster: npm start -- --context <name>";
const gibibyte = 2 ** 30;

/** Free space in bytes for the first start: build cache 4 GiB, images 2 GiB, a cluster's unpacked images 2 GiB. */
export const spaceWhenCold = 9 * gibibyte;
/** Free space in bytes for a start after everything was built. */
export const spaceWhenWarm = 2 * gibibyte;
/** The first version of Go that fetches the toolchain that a module names (https://go.dev/doc/toolchain). */
const oldestGo = [1, 21] as const;

/** The properties of a machine that are checked. */
export interface Machine {
    platform: string;
    arch: string;
    user: number | undefined;
    has: (program: string) => boolean;
    goVersion: () => Promise<string>;
    freeSpace: () => number;
}

/** Path of a program on PATH; undefined if it is not there. */
export function programPath(name: string, path = process.env.PATH ?? ""): string | undefined {
    return path
        .split(delimiter)
        .filter((directory) => directory !== "")
        .map((directory) => join(directory, name))
        .find((file) => existsSync(file));
}

export const thisMachine: Machine = {
    platform: platform(),
    arch: arch(),
    user: process.getuid?.(),
    has: (program) => programPath(program) !== undefined,
    goVersion: () => command("go", ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } }),
    freeSpace: () => {
        mkdirSync(cache, { recursive: true });
        const { bavail, bsize } = statfsSync(cache);
        return bavail * bsize;
    },
};

/**
 * Checks the properties that only the user can change.
 *
 * @param building true if programs or images must be built, which needs Go and more space
 * @throws Unsuitable
 */
export async function checkMachine(building: boolean, machine: Machine = thisMachine) {
    if (machine.platform !== "linux" || machine.arch !== "x64")
        throw new Unsuitable(
            `The local environment needs Linux on x86-64, and this is ${machine.platform} on ${machine.arch}: use such a machine, ${elsewhere}`,
        );
    if (machine.user !== 0)
        throw new Unsuitable(
            `The local environment creates namespaces and mounts, which only root may do, and this is user ${machine.user}: run \`sudo -E npm start\`, ${elsewhere}`,
        );
    if (!machine.has("apt-get"))
        throw new Unsuitable(
            `The local environment installs containerd and other programs from Debian packages, and there is no apt-get here: use Debian or a derivative, ${elsewhere}`,
        );
    if (building) {
        if (!machine.has("go"))
            throw new Unsuitable(
                `Programs of the cluster are built from Go modules, and there is no \`go\` on PATH: install Go ${oldestGo.join(".")} or newer (https://go.dev/doc/install), ${elsewhere}`,
            );
        const version = (await machine.goVersion()).trim();
        const [, first = 0, second = 0] = (/^go(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
        if (first < oldestGo[0] || (first === oldestGo[0] && second < oldestGo[1]))
            throw new Unsuitable(
                `Programs of the cluster are built from Go modules, and ${version} cannot: install Go ${oldestGo.join(".")} or newer (https://go.dev/doc/install), ${elsewhere}`,
            );
    }
    const [needed, free] = [building ? spaceWhenCold : spaceWhenWarm, machine.freeSpace()];
    if (free < needed)
        throw new Unsuitable(
            `The local environment needs ${gibibytes(needed)} at ${cache}, where ${gibibytes(free)} are free: make room, or choose a different place: PGLOG_CACHE=<directory> npm start`,
        );
}

function gibibytes(bytes: number) {
    return `${(bytes / gibibyte).toFixed(1)} GiB`;
}

/** Debian packages that the local environment uses, each with a file by which it is recognised. */
const packages: Record<string, string> = {
    containerd: "/usr/bin/containerd",
    runc: "/usr/sbin/runc",
    "containernetworking-plugins": "/usr/lib/cni/bridge",
    "etcd-server": "/usr/bin/etcd",
    debootstrap: "/usr/sbin/debootstrap",
    "debian-archive-keyring": "/usr/share/keyrings/debian-archive-keyring.gpg",
    iptables: "/usr/sbin/iptables",
    conntrack: "/usr/sbin/conntrack",
    iproute2: "/usr/bin/ip",
    ipset: "/usr/sbin/ipset",
    procps: "/usr/sbin/sysctl",
    tini: "/usr/bin/tini",
    openssl: "/usr/bin/openssl",
    "xz-utils": "/usr/bin/xz",
    unzip: "/usr/bin/unzip",
    maven: "/usr/bin/mvn",
    skopeo: "/usr/bin/skopeo",
};

/** The packages that are not installed. */
export function missingPackages() {
    return Object.entries(packages)
        .filter(([, file]) => !existsSync(file) && programPath(basename(file)) === undefined)
        .map(([name]) => name);
}

/** Debian asks this program whether a package may start its service: see invoke-rc.d(8). */
const servicePolicy = "/usr/sbin/policy-rc.d";

/**
 * Installs Debian packages. No package starts its service, since the environment runs its own programs. If the machine
 * already has a policy for services, it stays.
 */
export async function installPackages(
    names: string[],
    log: string,
    onLine: (line: string) => void,
    policy = servicePolicy,
) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    const ours = !existsSync(policy);
    if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 }); // 101: the service may not be started
    try {
        await command("apt-get", ["update", "-q"], { log, onLine, env });
        await command("apt-get", ["install", "-q", "--yes", "--no-install-recommends", ...names], { log, onLine, env });
    } finally {
        if (ours) rmSync(policy, { force: true });
    }
}
