import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { command, until } from "../machine/command";
import type { Network } from "./network";
import { processes, signal } from "../machine/processes";

/**
 * The network, mount and process namespaces of one local environment. They exist as long as their first process. When
 * that process is killed, the kernel ends all other processes inside, containers included. The mounts, the network, the
 * link and the routes over it then disappear too. So nothing has to be cleaned up, even after a crash.
 *
 * The first process is found by its last argument, the environment's directory.
 */
export class Namespaces {
    constructor(private readonly directory: string) {}

    /** The holder's process number outside the namespaces; undefined if the environment does not run. */
    holder(): number | undefined {
        return this.heldBy("unshare");
    }

    /** The process number, seen from outside, of the first process inside. */
    private inside(): number | undefined {
        return this.heldBy("tini");
    }

    private heldBy(program: string) {
        return processes().find(
            ({ arguments: [first, ...rest] }) => first === program && rest.at(-1) === this.directory,
        )?.pid;
    }

    /** Creates the namespaces, with a link to this machine. */
    async open(network: Network, hidden: Record<string, string>) {
        // tini reaps orphaned processes, of which containers have many.
        const flags = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"];
        spawn("unshare", [...flags, "tini", "--", "sh", "-c", "sleep infinity", this.directory], {
            detached: true,
            stdio: "ignore",
        }).unref();
        await until("a process in separate namespaces", 10, async () => Promise.resolve(this.inside() !== undefined));
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
                // On kernels that filter bridged packets: an answer to a Pod of the same node must pass through NAT.
                "sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true",
                "mount -t tmpfs -o mode=755 tmpfs /run",
                "mkdir /run/containerd /run/lock",
                ...Object.entries(hidden).map(([place, own]) => `mount --bind '${own}' '${place}'`),
            ].join("\n"),
        ]);
        await command("ip", ["route", "replace", `10.${block}.0.0/16`, "via", node]);
    }

    /** The arguments of nsenter that run a program inside. */
    enter(program: string, args: string[]) {
        return ["--target", `${this.inside()}`, "--net", "--mount", "--pid", "--", program, ...args];
    }

    /** Runs a program inside and waits for its end. */
    run(program: string, args: string[]) {
        return command("nsenter", this.enter(program, args));
    }

    /** Starts a program inside that keeps running after this process ends. Its output goes to a file. */
    start(program: string, args: string[], log: string) {
        const env = { ...process.env };
        delete env.NODE_OPTIONS; // they are meant for this process, and may name files relative to its directory
        const output = openSync(log, "a");
        const child = spawn("nsenter", this.enter(program, args), {
            detached: true,
            stdio: ["ignore", output, output],
            env,
        });
        child.unref();
        closeSync(output);
    }

    /** The process number, seen from outside, of the `nsenter` that started a program. */
    started(program: string): number | undefined {
        const target = `${this.inside()}`;
        return processes().find(
            ({ arguments: [first, ...rest] }) => first === "nsenter" && rest[1] === target && rest[6] === program,
        )?.pid;
    }

    /** Ends everything inside, and waits until the kernel has removed the namespaces. */
    async close(link: string | undefined) {
        const [holder, inside] = [this.holder(), this.inside()];
        if (holder === undefined && inside === undefined) return;
        // The second process ends with the first, unless someone killed the first one alone.
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

/** The roots of the control group hierarchies: one for each controller in version 1, a single one in version 2. */
function cgroupRoots() {
    if (existsSync(join(cgroups, "cgroup.controllers"))) return [cgroups];
    return readdirSync(cgroups)
        .filter((name) => name !== "unified")
        .map((name) => join(cgroups, name));
}

/** Creates the control group for the Pods of an environment. */
export function openCgroup(name: string) {
    for (const root of cgroupRoots()) mkdirSync(join(root, name), { recursive: true });
}

/** Removes the control group and its children. The kernel needs a moment after their last process has ended. */
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
