import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { environmentDirectory, programs } from "../machine/cache";
import { clusterFiles, clusterObjects, clusterPaths, containerdSocket, kubeconfig, nodeName } from "./files";
import { command, succeeds, until } from "../machine/command";
import { sendImages, type Image } from "../build/images";
import { closeCgroup, Namespaces, openCgroup } from "./namespaces";
import { freeBlock, isTaken, networkOf, type Network } from "./network";

const project = resolve(__dirname, "../..");

/** A program of the cluster and how it is called. */
interface Component {
    name: string;
    program: string;
    args: string[];
}

/** The file that keeps the number of an environment's block of addresses. */
function blockFile(name: string) {
    return join(clusterPaths(environmentDirectory(name)).cluster, "block");
}

/** The blocks of all environments, whether they run or not. */
function reservedBlocks() {
    return readdirSync(dirname(environmentDirectory("any")))
        .map(blockFile)
        .filter(existsSync)
        .map((file) => Number(readFileSync(file, "utf8")));
}

/** The one-node Kubernetes of a local environment. */
export class Cluster {
    readonly paths;
    private readonly directory: string;
    private readonly namespaces: Namespaces;

    constructor(readonly name: string) {
        this.directory = environmentDirectory(name);
        this.paths = clusterPaths(this.directory);
        this.namespaces = new Namespaces(this.directory);
    }

    /** The addresses that it has, chosen at its first start; undefined before. */
    get network(): Network | undefined {
        return existsSync(this.block) ? networkOf(Number(readFileSync(this.block, "utf8"))) : undefined;
    }

    private get block() {
        return blockFile(this.name);
    }

    isRunning() {
        return this.namespaces.holder() !== undefined;
    }

    /** Each program of the cluster, and whether it runs. */
    programs(): { name: string; runs: boolean }[] {
        const network = this.network;
        if (network === undefined) return [];
        return this.components(network).map(({ name, program }) => ({
            name,
            runs: this.isRunning() && this.namespaces.started(program) !== undefined,
        }));
    }

    kubectl(...args: string[]) {
        return command(join(programs, "kubectl"), ["--kubeconfig", this.paths.kubeconfig, ...args]);
    }

    /**
     * Starts it, or what of it does not run.
     *
     * @param pause image of the process that holds a Pod's network
     * @param helper image with a shell, which makes and removes volumes
     * @param onLine called with what is waited for
     */
    async start(pause: Image, helper: Image, images: Image[], onLine: (line: string) => void) {
        const { paths } = this;
        for (const directory of Object.values(paths))
            mkdirSync(directory === paths.kubeconfig ? dirname(directory) : directory, { recursive: true });
        const network = this.isRunning() ? this.network! : this.reserve();
        if (!this.isRunning()) {
            onLine("network");
            openCgroup(network.link);
            mkdirSync(cniResults, { recursive: true });
            const cniOwn = join(paths.cluster, "cni-results");
            rmSync(cniOwn, { recursive: true, force: true }); // of Pods that were
            rmSync(paths.addresses, { recursive: true, force: true });
            mkdirSync(cniOwn);
            mkdirSync(paths.addresses);
            try {
                await this.namespaces.open(network, { "/var/log": paths.varLog, [cniResults]: cniOwn });
            } catch (error) {
                await this.namespaces.close(undefined); // half of them would be taken for a cluster that runs
                throw error;
            }
        }
        await this.writeFiles(network, pause);
        const components = this.components(network);
        const started = new Set<string>();
        const run = (...names: string[]) => {
            for (const name of names) {
                const { program, args } = components.find((one) => one.name === name)!;
                if (this.namespaces.started(program) !== undefined) continue;
                this.namespaces.start(program, args, join(paths.logs, `${name}.log`));
                started.add(name);
            }
        };
        run("etcd", "containerd", "kube-apiserver");
        onLine("containerd");
        await this.wait("containerd", 60, () => this.ctr("version"));
        onLine("images");
        const loading = this.load([pause, helper, ...images]);
        onLine("kube-apiserver");
        await this.wait("kube-apiserver", 120, () => this.answers("get", "--raw", "/readyz"));
        run("kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "coredns");
        onLine("the node");
        await this.wait("kubelet", 120, () =>
            this.answers("wait", `node/${nodeName}`, "--for=condition=Ready", "--timeout=1s"),
        );
        await this.wait("kube-controller-manager", 60, () => this.answers("get", "serviceaccount", "default"));
        await command(
            join(programs, "kubectl"),
            ["--kubeconfig", paths.kubeconfig, "apply", "--server-side", "--filename", "-"],
            { input: JSON.stringify(clusterObjects(network, helper.reference)) },
        );
        run("local-path-provisioner", "load-balancer");
        onLine("images");
        await loading;
        return { network, started: [...started] };
    }

    /** Its block of addresses, which everything that it stored names: another block would be another cluster. */
    private reserve(): Network {
        if (!existsSync(this.block)) writeFileSync(this.block, String(freeBlock(reservedBlocks())));
        const network = this.network!;
        if (isTaken(network.block))
            throw new Error(
                `environment ${this.name} has the addresses 10.${network.block}.0.0/16, which something else on this machine uses by now. Stop that (see: ip route), or give up what the environment stored: npm stop -- --name ${this.name} --delete`,
            );
        return network;
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

    private components(network: Network): Component[] {
        const { paths } = this;
        const kube = (name: string, ...args: string[]): Component => ({ name, program: join(programs, name), args });
        const config = `--kubeconfig=${paths.kubeconfig}`;
        const etcd = "http://127.0.0.1:2379"; // of the environment's own network
        return [
            {
                name: "etcd",
                program: "etcd",
                args: [
                    ...[`--data-dir=${paths.etcd}`, `--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
                    ...["--listen-peer-urls=http://127.0.0.1:2380", "--unsafe-no-fsync", "--log-level=error"],
                ],
            },
            {
                name: "containerd",
                program: "containerd",
                args: ["--config", join(paths.cluster, "containerd.toml")],
            },
            kube(
                "kube-apiserver",
                ...[`--etcd-servers=${etcd}`, `--cert-dir=${paths.certificates}`],
                ...[`--service-cluster-ip-range=${network.services}`, `--advertise-address=${network.node}`],
                ...["--bind-address=0.0.0.0", "--authorization-mode=Node,RBAC", "--allow-privileged=true"],
                ...[`--token-auth-file=${join(paths.cluster, "tokens.csv")}`],
                ...[`--service-account-key-file=${join(paths.certificates, "service-accounts.key")}`],
                ...[`--service-account-signing-key-file=${join(paths.certificates, "service-accounts.key")}`],
                ...["--service-account-issuer=https://kubernetes.default.svc"],
                ...["--kubelet-preferred-address-types=InternalIP"],
            ),
            kube(
                "kube-controller-manager",
                ...[config, `--service-account-private-key-file=${join(paths.certificates, "service-accounts.key")}`],
                ...[
                    "--use-service-account-credentials=false",
                    `--cluster-cidr=${network.pods}`,
                    "--leader-elect=false",
                ],
            ),
            kube("kube-scheduler", config, "--leader-elect=false"),
            kube(
                "kubelet",
                ...[config, `--config=${join(paths.cluster, "kubelet.yaml")}`, `--root-dir=${paths.kubelet}`],
                ...[`--hostname-override=${nodeName}`, `--node-ip=${network.node}`],
            ),
            kube(
                "kube-proxy",
                ...[
                    config,
                    `--hostname-override=${nodeName}`,
                    `--cluster-cidr=${network.pods}`,
                    "--proxy-mode=iptables",
                ],
                // The limits on connections are the machine's, not the environment's.
                ...["--nodeport-addresses=primary", "--conntrack-max-per-core=0"],
                ...["--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0"],
            ),
            kube("coredns", "-conf", join(paths.cluster, "Corefile")),
            kube(
                "local-path-provisioner",
                ...["start", "--kubeconfig", paths.kubeconfig, "--config", join(paths.cluster, "local-path.json")],
                ...["--provisioner-name=rancher.io/local-path", "--namespace=kube-system"],
                ...["--configmap-name=local-path-config", "--service-account-name=default", "--helper-image=unused"],
            ),
            {
                name: "load-balancer",
                program: join(project, "node_modules", ".bin", "tsx"),
                args: [join(__dirname, "loadBalancer.ts"), paths.kubeconfig, network.node],
            },
        ];
    }

    private async answers(...args: string[]) {
        return succeeds(join(programs, "kubectl"), ["--kubeconfig", this.paths.kubeconfig, ...args]);
    }

    private async ctr(...args: string[]) {
        try {
            return await this.namespaces.run("ctr", ["--address", containerdSocket, "--namespace", "k8s.io", ...args]);
        } catch {
            return undefined;
        }
    }

    /** Waits for a program of the cluster, and says where its log is if it does not come. */
    private async wait(program: string, seconds: number, ask: () => Promise<unknown>) {
        try {
            await until(`${program} is up`, seconds, async () => {
                const answer = await ask();
                return answer !== false && answer !== undefined;
            });
        } catch {
            throw new Error(
                `${program} did not come up in ${seconds} s. See ${join(this.paths.logs, `${program}.log`)}`,
            );
        }
    }

    /** Brings the images that the node does not have. */
    private async load(images: Image[]) {
        const there = ((await this.ctr("images", "ls", "--quiet")) ?? "").split("\n");
        const missing = images.filter(({ reference }) => !there.includes(reference));
        if (missing.length === 0) return;
        const take = ["--address", containerdSocket, "--namespace", "k8s.io", "images", "import"];
        const built = missing.filter((image) => "layers" in image);
        if (built.length > 0) await sendImages(built, "nsenter", this.namespaces.enter("ctr", [...take, "-"]));
        for (const image of missing) if ("archive" in image) await this.namespaces.run("ctr", [...take, image.archive]);
    }

    /**
     * Stops it: PostgreSQL and the shipper get the time to end well, everything else is ended with its namespaces. What
     * the cluster stored stays.
     */
    async stop(onLine: (line: string) => void) {
        if (this.isRunning()) {
            onLine("containers");
            await this.endContainers();
            onLine("namespaces");
        }
        const link = this.network?.link; // its name is also that of the control group: no other environment has it
        await this.namespaces.close(link);
        if (link !== undefined) await closeCgroup(link);
        // A mount point, which is this environment's if nobody put anything there.
        if (existsSync(cniResults)) tryRemove(cniResults);
    }

    private async endContainers() {
        const kubelet = this.namespaces.started(join(programs, "kubelet"));
        if (kubelet === undefined) return;
        // It would start them again.
        await this.namespaces.run("pkill", ["-TERM", "-x", "kubelet"]).catch(() => undefined);
        await until("the end of kubelet", 20, async () =>
            Promise.resolve(this.namespaces.started(join(programs, "kubelet")) === undefined),
        ).catch(() => undefined);
        const running = async () =>
            ((await this.ctr("tasks", "ls")) ?? "")
                .split("\n")
                .filter((line) => line.endsWith("RUNNING"))
                .map((line) => line.split(/\s+/)[0]!);
        for (const task of await running()) await this.ctr("tasks", "kill", "--signal", "SIGTERM", task);
        await until("the end of the containers", 15, async () => (await running()).length === 0).catch(() => undefined);
    }

    /** Takes away what it stored, after it has stopped. */
    delete() {
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/** Where the network plugins keep their results. The path is fixed; each environment has its own directory mounted there. */
const cniResults = "/var/lib/cni";

function tryRemove(directory: string) {
    try {
        rmdirSync(directory);
    } catch {
        // It has something of somebody else's.
    }
}
