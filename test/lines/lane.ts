import { setTimeout as delay } from "node:timers/promises";
import { Namespace, type Pod } from "../e2e/namespace";
import { until } from "../e2e/run";
import type { TestStack } from "../e2e/stack";
import type { Clients } from "./clients";
import type { FaultProxy } from "./faultProxy";
import type { Follower } from "./follower";
import type { Ledger } from "./ledger";
import { containerOf, Node, type Part, type PodProcess } from "./node";
import type { Random } from "../../bench/pipeline/random";
import type { Search } from "./search";
import type { SmallVolume } from "./smallVolume";

interface PodWithSidecars extends Pod {
    status: Pod["status"] & { initContainerStatuses?: { name: string; restartCount: number }[] };
}

/** The parts of a stack under load that faults and counting use. */
export interface LaneParts {
    name: "direct" | "proxied";
    stack: TestStack;
    ledger: Ledger;
    clients: Clients;
    follower: Follower;
    search: Search;
    /** Reads the stack's documents. */
    pattern: string;
    /** The namespace of Elasticsearch: the stack's own, or the other stack's. */
    elasticsearch: Namespace;
    proxy?: FaultProxy;
    volume?: SmallVolume;
}

/** The part of the stack that faults use. */
export class Lane {
    readonly cluster: Namespace;
    /** Time when the last fault ended, or the load began. */
    faultEnd = Date.now();
    /** The newest number when PostgreSQL and its collector were killed together. */
    cut?: number;
    private readonly found = Node.find();

    constructor(readonly parts: LaneParts) {
        this.cluster = new Namespace(parts.stack.namespace);
    }

    get name() {
        return this.parts.name;
    }

    get hasNode() {
        return this.found !== undefined;
    }

    get node(): Node {
        return this.found!;
    }

    get proxy(): FaultProxy {
        return this.parts.proxy!;
    }

    /** Puts the stack under load. */
    start() {
        this.parts.clients.start();
        this.parts.follower.start();
        this.faultEnd = Date.now();
    }

    /** Waits for a random time, so that faults of one kind meet different states. */
    moment(random: Random, milliseconds = 1000) {
        return delay(random.between(0, milliseconds));
    }

    /** The database's ready Pod; a new one, if the earlier one is given. */
    async pod(formerUid?: string, seconds = 120): Promise<Pod> {
        const isReady = ({ status }: Pod) =>
            status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
        const { items } = await until(
            "one ready Pod of postgres",
            () => this.cluster.get<{ items: Pod[] }>("pods", "--selector", "app.kubernetes.io/name=postgres"),
            ({ items }) => items.length === 1 && isReady(items[0]!) && items[0]!.metadata.uid !== formerUid,
            seconds,
        );
        return items[0]!;
    }

    /** Deletes the Pod and waits for the next one. */
    async replacePod() {
        const { metadata } = await this.pod();
        await this.cluster.kubectl("delete", "pod", metadata.name, "--wait=false");
        await this.pod(metadata.uid);
    }

    /** Replaces a Pod that may never become ready again. */
    async recover() {
        await this.cluster.kubectl("delete", "pods", "--selector", "app.kubernetes.io/name=postgres", "--wait=false");
        await this.pod();
        this.faultEnd = Date.now();
    }

    /** The number of restarts of the containers of these processes since the Pod's start. */
    async restarts(of: readonly Part[]): Promise<number> {
        const { status }: PodWithSidecars = await this.pod(undefined, 400);
        const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
        const names = of.map((part) => containerOf[part]);
        return containers
            .filter(({ name }) => names.includes(name))
            .reduce((sum, { restartCount }) => sum + restartCount, 0);
    }

    /** A process of the database's Pod. */
    async process(part: Part): Promise<PodProcess & { podUid: string }> {
        const podUid = (await this.pod()).metadata.uid;
        const process = await until(
            `the process ${part}`,
            () => Promise.resolve(this.node.find(podUid, part)),
            (found) => found !== undefined,
        );
        return { ...process!, podUid };
    }

    /** Waits until a part has a new process. */
    async replaced(part: Part, former: { pid: number; podUid: string }) {
        await until(
            `a new process ${part}`,
            () => Promise.resolve(this.node.find(former.podUid, part)),
            (found) => found !== undefined && found.pid !== former.pid,
        );
    }

    /** Waits until PostgreSQL has acknowledged a number of further statements. */
    async acknowledged(more: number) {
        const { ledger } = this.parts;
        const aim = ledger.noted + more;
        await until(
            `${more} statements more`,
            () => Promise.resolve(ledger.noted),
            (noted) => noted >= aim,
        );
    }

    /** A counter of Fluent Bit, by its name and a label's value. */
    async metric(name: string, label: string): Promise<number> {
        const service = `/api/v1/namespaces/${this.cluster.namespace}/services/fluent-bit:2020/proxy`;
        const text = await this.cluster.kubectl("get", "--raw", `${service}/api/v2/metrics/prometheus`);
        const line = text.split("\n").find((one) => one.startsWith(`${name}{`) && one.includes(`"${label}"`));
        return Number(line?.split(" ").at(-1) ?? 0);
    }

    /** The log keeper's status of the volume. */
    async keeperStatus() {
        const { metadata } = await this.pod();
        return this.cluster.exec(metadata.name, "log-keeper", "bash", "/scripts/log-keeper.sh", "status");
    }
}
