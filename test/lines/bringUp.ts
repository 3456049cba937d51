import { randomBytes } from "node:crypto";
import { Namespace } from "../e2e/namespace";
import { TestStack } from "../e2e/stack";
import { until } from "../e2e/run";
import { ownAddressTowards } from "../e2e/tlsProxy";
import { Clients, numberIn } from "./clients";
import { FaultProxy } from "./faultProxy";
import { Follower } from "./follower";
import { Lane, type LaneParts } from "./lane";
import { Ledger } from "./ledger";
import { Node } from "./node";
import { Search } from "./search";
import { SmallVolume } from "./smallVolume";

/** PostgreSQL logs every statement and nothing else, so lost lines can be compared with counted ones. */
const logging = {
    logMinDuration: 0,
    logStatement: "none",
    postgresSettings: {
        log_checkpoints: false,
        log_lock_waits: false,
        log_temp_files: -1,
        log_autovacuum_min_duration: -1,
        log_connections: false,
        log_disconnections: false,
    },
};
const common = {
    protectData: false,
    postgresCpu: "100m",
    postgresMemory: "384Mi",
    storageSize: "1Gi",
    services: ["ClusterIP", "NodePort"],
    elasticsearchTarget: "index",
    logPeakRate: 1,
    logOutage: "10m",
    ...logging,
};
/** Sizes of the log volumes. The one behind the proxy must overflow; the other must hold a restart of Elasticsearch. */
const volumeSizes = { direct: "256Mi", proxied: "64Mi" };

/** A separate Service through which this machine reaches Elasticsearch. */
const nodePort = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "elasticsearch-nodeport" },
    spec: {
        type: "NodePort",
        selector: { "app.kubernetes.io/name": "elasticsearch" },
        ports: [{ port: 9200, targetPort: "http" }],
    },
};

/** Two stacks that share an Elasticsearch: one runs beside it, the other ships to it through a proxy. */
export class Pair {
    readonly lanes: Lane[] = [];
    private readonly direct = new TestStack({
        ...common,
        elasticsearchMode: "in-cluster",
        logVolumeSize: volumeSizes.direct,
    });
    private readonly proxied = new TestStack({ ...common, logVolumeSize: volumeSizes.proxied });
    private readonly proxy = new FaultProxy();

    async up() {
        const node = await nodeAddress();
        await this.proxy.listen();
        this.proxied.set({
            elasticsearchHost: await ownAddressTowards(node),
            elasticsearchPort: this.proxy.port,
            elasticsearchScheme: "http",
            elasticsearchUser: this.proxy.username,
            elasticsearchPassword: await this.proxied.encrypted(this.proxy.password),
        });
        const direct = this.direct.up();
        // The second stack waits for the first one's Elasticsearch. Only then does the proxy have a target.
        const proxied = this.proxied.up();
        const cluster = new Namespace(this.direct.namespace);
        const port = await until(
            "a port of Elasticsearch's on the node",
            () => openPort(cluster),
            () => true,
            300,
        );
        const { username, password } = await credentials(cluster);
        const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
        this.proxy.target = { host: node, port, authorization };
        const search = new Search(`http://${node}:${port}`, authorization);
        const shared = { search, elasticsearch: cluster, node };
        await Promise.all([direct, proxied]);
        const lanes = [
            prepareLane("direct", this.direct, shared),
            prepareLane("proxied", this.proxied, { ...shared, proxy: this.proxy }),
        ];
        this.lanes.push(...(await Promise.all(lanes)));
    }

    /** Takes everything away. */
    async remove() {
        for (const { parts } of this.lanes) await parts.volume?.remove();
        await Promise.all([this.proxied.remove(), this.direct.remove()]);
        await this.proxy.stop();
    }
}

/** Address of the cluster's first node. */
async function nodeAddress() {
    const { items } = await new Namespace("default").get<{
        items: { status: { addresses: { type: string; address: string }[] } }[];
    }>("nodes");
    return items[0]!.status.addresses.find(({ type }) => type === "InternalIP")!.address;
}

/** A node port for Elasticsearch. */
async function openPort(cluster: Namespace) {
    await cluster.kubectl("get", "service", "elasticsearch");
    await cluster.apply(nodePort);
    const service = await cluster.get<{ spec: { ports: { nodePort: number }[] } }>("service", nodePort.metadata.name);
    return service.spec.ports[0]!.nodePort;
}

async function credentials(cluster: Namespace) {
    const { items } = await cluster.get<{ items: { metadata: { name: string }; data: Record<string, string> }[] }>(
        "secrets",
    );
    const { data } = items.find(({ metadata }) => metadata.name.startsWith("elasticsearch-credentials"))!;
    const decode = (text = "") => Buffer.from(text, "base64").toString();
    return { username: decode(data.username), password: decode(data.password) };
}

interface Shared extends Pick<LaneParts, "search" | "elasticsearch" | "proxy"> {
    /** Its address. */
    node: string;
}

/** Prepares a stack for the load. */
async function prepareLane(name: Lane["name"], stack: TestStack, { node: host, ...shared }: Shared): Promise<Lane> {
    const node = Node.find();
    const cluster = new Namespace(stack.namespace);
    const volume = node && (await SmallVolume.put(node, cluster, volumeSizes[name].replace("Mi", "m")));
    const { connectionUri, services } = await stack.outputs();
    const uri = new URL(connectionUri);
    uri.hostname = host;
    uri.port = String(services.NodePort!.port);
    const [ledger, label] = [new Ledger(), randomBytes(3).toString("hex")];
    const pattern = `postgresql-logs-${stack.name}-*`;
    const clients = new Clients(ledger, uri.href, label);
    const follower = new Follower(shared.search, pattern, (message) => {
        const number = numberIn(message, label);
        if (number !== undefined) ledger.see(number);
    });
    const lane = new Lane({ ...shared, name, stack, ledger, clients, follower, pattern, volume });
    if (volume) await lane.replacePod(); // a Pod sees the small volume only if it is mounted before the Pod starts
    return lane;
}
