import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { command, until } from "../machine/command";
import type { Network } from "./network";
import { processes, signal } from "../machine/processes";

/**
 * The namespaces that one local environment lives in: network, mounts and processes of its own. They last as long as
 * their first process. When that one is killed the kernel ends every other process in them, containers included, and with
 * the last of these go the mounts, the network, this machine's end of the link and the routes over it. So there is no list
 * of what to clean up, and nothing is left after a crash.
 *
 * They are found again by the last argument of their holder, which is the environment's directory.
 */
export class Namespaces {
    constructor(private readonly directory: string) {}

    /** Process number of what holds them, outside; undefined where the environment does not run. */
    holder(): number | undefined {
        return this.heldBy("unshare");
    }

    /** The first process inside, by its number outside. */
    private inside(): number | undefined {
        return this.heldBy("tini");
    }

    private heldBy(program: string) {
        return processes().find(
            ({ arguments: [first, ...rest] }) => first === program && rest.at(-1) === this.directory,
        )?.pid;
    }

    /** Makes them, with a link to this machine. */
    async open(network: Network, hidden: Record<string, string>) {
        // tini takes in the processes whose parents have ended; containers have many of them.
        const flags = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"];
        spawn("unshare", [...flags, "tini", "--", "sh", "-c", "sleep infinity", this.directory], {
            detached: true,
            stdio: "ignore",
        }).unref();
        await until("a process in namespaces of its own", 10, async () => Promise.resolve(this.inside() !== undefined));
        const { link, host, node, block } = network;
        await command("ip", ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", `${this.inside()}`]);
        await command("ip", ["address", "add", `${host}/24`, "dev", link]);
        await command("ip", ["link", "set", link, "up"]);
        await this.run("sh", [
            "-euc",
            [
                "ip link set lo up",
                `ip address add ${node}/24 dev eth0`,
                "ip link set eth0 up",
                `ip route add default via ${host}`,
                "sysctl -qw net.ipv4.ip_forward=1",
                // Where the kernel filters bridges at all: a Pod's answer to a Pod of the same node must pass the translation.
                "sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true",
                "mount -t tmpfs -o mode=755 tmpfs /run",
                "mkdir /run/containerd /run/lock",
                ...Object.entries(hidden).map(([place, own]) => `mount --bind '${own}' '${place}'`),
            ].join("\n"),
        ]);
        await command("ip", ["route", "replace", `10.${block}.0.0/16`, "via", node]);
    }

    /** The command that runs a program inside. */
    enter(program: string, args: string[]) {
        return ["--target", `${this.inside()}`, "--net", "--mount", "--pid", "--", program, ...args];
    }

    /** Runs a program inside, to its end. */
    run(program: string, args: string[]) {
        return command("nsenter", this.enter(program, args));
    }

    /** Starts a program inside that goes on after this one has ended; what it prints goes to a file. */
    start(program: string, args: string[], log: string) {
        const env = { ...process.env };
        delete env.NODE_OPTIONS; // they are for this program, and may name what is found from its directory only
        const output = openSync(log, "a");
        const child = spawn("nsenter", this.enter(program, args), {
            detached: true,
            stdio: ["ignore", output, output],
            env,
        });
        child.unref();
        closeSync(output);
    }

    /** Process number, outside, of the `nsenter` that waits for a program that was started. */
    started(program: string): number | undefined {
        const target = `${this.inside()}`;
        return processes().find(
            ({ arguments: [first, ...rest] }) => first === "nsenter" && rest[1] === target && rest[6] === program,
        )?.pid;
    }

    /** Ends everything inside, and waits until the kernel has taken it away. */
    async close(link: string | undefined) {
        const [holder, inside] = [this.holder(), this.inside()];
        if (holder === undefined && inside === undefined) return;
        // The second ends with the first, unless that one was killed alone.
        for (const pid of [holder, inside]) if (pid !== undefined) signal(pid, "SIGKILL");
        await until("the end of every process of the environment", 60, async () =>
            Promise.resolve(
                this.holder() === undefined &&
                    this.inside() === undefined &&
                    (link === undefined || !existsSync(`/sys/class/net/${link}`)),
            ),
        );
    }
}

const cgroups = "/sys/fs/cgroup";

/** The roots of the hierarchies of control groups: one each for a controller, or the one of version 2. */
function cgroupRoots() {
    if (existsSync(join(cgroups, "cgroup.controllers"))) return [cgroups];
    return readdirSync(cgroups)
        .filter((name) => name !== "unified")
        .map((name) => join(cgroups, name));
}

/** Makes the control group that the Pods of an environment are in. */
export function openCgroup(name: string) {
    for (const root of cgroupRoots()) mkdirSync(join(root, name), { recursive: true });
}

/** Takes it away, with those in it. The kernel needs a moment after the last process in them has ended. */
export async function closeCgroup(name: string) {
    const remove = (directory: string) => {
        for (const entry of readdirSync(directory, { withFileTypes: true }))
            if (entry.isDirectory()) remove(join(directory, entry.name));
        rmdirSync(directory);
    };
    const isRemoved = (directory: string) => {
        try {
            if (existsSync(directory)) remove(directory);
            return true;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "EBUSY") return false;
            throw error;
        }
    };
    for (const root of cgroupRoots())
        await until(`the end of the control group ${name}`, 30, async () =>
            Promise.resolve(isRemoved(join(root, name))),
        );
}
