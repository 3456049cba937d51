import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Image } from "../build/images";
import { environmentDirectory, programs } from "../machine/cache";
import { command, succeeds, until } from "../machine/command";
import { components } from "./components";
import { Containers } from "./containers";
import { clusterFiles, clusterObjects, clusterPaths, kubeconfig, nodeName } from "./files";
import { closeCgroup, Namespaces, openCgroup } from "./namespaces";
import type { Network } from "./network";
import { reservedNetwork, reserveNetwork } from "./reservedBlock";

/** Starts the named components that do not run yet. */
type Run = (...names: string[]) => void;

/** The one-node Kubernetes of a local environment. */
export class Cluster {
    readonly paths;
    private readonly directory: string;
    private readonly namespaces: Namespaces;
    private readonly containers: Containers;

    constructor(readonly name: string) {
        this.directory = environmentDirectory(name);
        this.paths = clusterPaths(this.directory);
        this.namespaces = new Namespaces(this.directory);
        this.containers = new Containers(this.namespaces);
    }

    /** The cluster's addresses, chosen at its first start; undefined before. */
    get network(): Network | undefined {
        return reservedNetwork(this.name);
    }

    isRunning() {
        return this.namespaces.holder() !== undefined;
    }

    /** The programs of the cluster, and which of them run. */
    programs(): { name: string; runs: boolean }[] {
        const network = this.network;
        if (network === undefined) return [];
        return components(network, this.paths).map(({ name, program }) => ({
            name,
            runs: this.isRunning() && this.namespaces.started(program) !== undefined,
        }));
    }

    kubectl(...args: string[]) {
        return command(join(programs, "kubectl"), ["--kubeconfig", this.paths.kubeconfig, ...args]);
    }

    /**
     * Starts the cluster, or those of its programs that do not run.
     *
     * @param pause image of the process that keeps a Pod's network namespace open
     * @param helper image with a shell, for the Pods that create and delete volumes
     * @param onLine called with the name of the step that runs
     */
    async start(pause: Image, helper: Image, images: Image[], onLine: (line: string) => void) {
        const network = await this.openNamespaces(onLine);
        await this.writeFiles(network, pause);
        const all = components(network, this.paths);
        const started = new Set<string>();
        const run: Run = (...names) => {
            for (const name of names) {
                const { program, args } = all.find((one) => one.name === name)!;
                if (this.namespaces.started(program) !== undefined) continue;
                this.namespaces.start(program, args, join(this.paths.logs, `${name}.log`));
                started.add(name);
            }
        };
        run("etcd", "containerd", "kube-apiserver");
        onLine("containerd");
        await this.wait("containerd", 60, () => this.containers.isReady());
        onLine("images");
        const loading = this.containers.load([pause, helper, ...images]);
        await this.startNode(run, onLine);
        await this.createObjects(network, helper);
        run("local-path-provisioner", "load-balancer");
        onLine("images");
        await loading;
        return { network, started: [...started] };
    }

    /** Opens the namespaces if the cluster does not run, and makes the directories that its programs need. */
    private async openNamespaces(onLine: (line: string) => void): Promise<Network> {
        const { paths } = this;
        for (const directory of Object.values(paths))
            mkdirSync(directory === paths.kubeconfig ? dirname(directory) : directory, { recursive: true });
        if (this.isRunning()) return this.network!;
        const network = reserveNetwork(this.name);
        onLine("network");
        openCgroup(network.link);
        mkdirSync(cniResults, { recursive: true });
        const cniOwn = join(paths.cluster, "cni-results");
        rmSync(cniOwn, { recursive: true, force: true }); // the results of Pods that no longer exist
        rmSync(paths.addresses, { recursive: true, force: true });
        mkdirSync(cniOwn);
        mkdirSync(paths.addresses);
        try {
            await this.namespaces.open(network, { "/var/log": paths.varLog, [cniResults]: cniOwn });
        } catch (error) {
            await this.namespaces.close(undefined); // half-open namespaces would look like a running cluster
            throw error;
        }
        return network;
    }

    /** Starts everything else once the API server is ready, and waits for the node. */
    private async startNode(run: Run, onLine: (line: string) => void) {
        onLine("kube-apiserver");
        await this.wait("kube-apiserver", 120, () => this.answers("get", "--raw", "/readyz"));
        run("kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "coredns");
        onLine("the node");
        await this.wait("kubelet", 120, () =>
            this.answers("wait", `node/${nodeName}`, "--for=condition=Ready", "--timeout=1s"),
        );
        await this.wait("kube-controller-manager", 60, () => this.answers("get", "serviceaccount", "default"));
    }

    private async createObjects(network: Network, helper: Image) {
        await command(
            join(programs, "kubectl"),
            ["--kubeconfig", this.paths.kubeconfig, "apply", "--server-side", "--filename", "-"],
            { input: JSON.stringify(clusterObjects(network, helper.reference)) },
        );
    }

    private async writeFiles(network: Network, pause: Image) {
        const { paths } = this;
        const key = join(paths.certificates, "service-accounts.key");
        if (!existsSync(key)) await command("openssl", ["genrsa", "-out", key, "2048"]);
        const secret = join(paths.cluster, "token");
        if (!existsSync(secret)) writeFileSync(secret, randomBytes(16).toString("hex"), { mode: 0o600 });
        const token = readFileSync(secret, "utf8");
        const files = clusterFiles(network, paths, `/${network.link}`, pause.reference, token);
        for (const [name, text] of Object.entries(files))
            writeFileSync(join(paths.cluster, name), text, { mode: 0o600 });
        chmodSync(join(paths.cluster, "resolv.conf"), 0o644);
        writeFileSync(paths.kubeconfig, kubeconfig(this.name, network, paths, token), { mode: 0o600 });
    }

    private async answers(...args: string[]) {
        return succeeds(join(programs, "kubectl"), ["--kubeconfig", this.paths.kubeconfig, ...args]);
    }

    /** Waits until a program of the cluster is ready. The error says where its log is. */
    private async wait(program: string, seconds: number, isReady: () => Promise<boolean>) {
        try {
            await until(`${program} is up`, seconds, isReady);
        } catch {
            throw new Error(
                `${program} did not come up in ${seconds} s. See ${join(this.paths.logs, `${program}.log`)}`,
            );
        }
    }

    /**
     * Stops the cluster. PostgreSQL and the shipper get time to shut down cleanly; all other processes end with the
     * namespaces. The stored data stays.
     */
    async stop(onLine: (line: string) => void) {
        if (this.isRunning()) {
            onLine("containers");
            await this.containers.end();
            onLine("namespaces");
        }
        const link = this.network?.link; // also the name of the control group; each environment has its own
        await this.namespaces.close(link);
        if (link !== undefined) await closeCgroup(link);
        if (existsSync(cniResults)) removeIfEmpty(cniResults);
    }

    /** Deletes the stored data. Stop the cluster first. */
    delete() {
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/**
 * The network plugins keep their results here. The path is fixed; each environment has its own directory mounted there.
 */
const cniResults = "/var/lib/cni";

function removeIfEmpty(directory: string) {
    try {
        rmdirSync(directory);
    } catch {
        // A different program keeps files there.
    }
}
