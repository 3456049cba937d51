import type { Pod } from "../../e2e/namespace";
import { until } from "../../e2e/run";
import type { Kind } from "../kind";
import type { Lane } from "../lane";
import { dropPackets } from "../packets";

/** Refuses connections while something happens. */
async function away(lane: Lane, happens: () => Promise<void>) {
    await lane.proxy.refuse();
    try {
        await happens();
    } finally {
        await lane.proxy.listen();
    }
}

/** Waits until Fluent Bit has failed to send a number of new lines. */
async function queued(lane: Lane, lines: number) {
    const retries = () => lane.metric("fluentbit_output_retries_total", "elasticsearch");
    const before = await retries();
    await lane.acknowledged(lines);
    await until("a failed attempt", retries, (now) => now > before);
}

/** Writes 2 MB of log a second. On a volume of 64 MiB the log keeper can free space that fast. */
const longer = 2500;

/** Lines that the log keeper has reported as lost so far. */
async function lostOn(lane: Lane) {
    return Number(/pglog lost (\d+) lines/.exec(await lane.keeperStatus())?.[1] ?? 0);
}

/** Outages of Elasticsearch, or of the way to it. */
export const outages: Kind[] = [
    {
        name: "pod-deleted-in-outage",
        what: "the Pod is deleted while Elasticsearch is away and lines wait in the queue",
        stack: "proxied",
        short: true,
        fault: (lane) =>
            away(lane, async () => {
                await queued(lane, 2000);
                await lane.replacePod();
            }),
    },
    {
        name: "elasticsearch-deleted",
        what: "Elasticsearch's Pod is deleted",
        stack: "direct",
        fault: async (lane, random) => {
            await lane.moment(random);
            const cluster = lane.parts.elasticsearch;
            const pods = () =>
                cluster.get<{ items: Pod[] }>("pods", "--selector", "app.kubernetes.io/name=elasticsearch");
            const [before] = (await pods()).items;
            await cluster.kubectl("delete", "pod", before!.metadata.name, "--wait=false");
            await until(
                "a new Pod of Elasticsearch",
                pods,
                ({ items: [pod] }) =>
                    pod !== undefined &&
                    pod.metadata.uid !== before!.metadata.uid &&
                    pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true,
                180,
            );
        },
    },
    {
        name: "bound-exceeded",
        what: "Elasticsearch is away for longer than the log volume holds",
        stack: "proxied",
        exceeds: true,
        short: true,
        fault: async (lane, random) => {
            const { clients } = lane.parts;
            const usual = clients.padding;
            const before = await lostOn(lane);
            clients.padding = longer;
            try {
                await away(lane, async () => {
                    const most = before + random.between(1, 4000);
                    await until(
                        "lines that the log keeper removed",
                        () => lostOn(lane),
                        (lost) => lost > most,
                    );
                });
            } finally {
                clients.padding = usual;
            }
        },
    },
    {
        name: "packets-dropped",
        what: "packets from the Pod to Elasticsearch are dropped",
        stack: "proxied",
        needsNode: true,
        fault: async (lane, random) => {
            const drop = await dropPackets(lane.node, lane.proxy.port);
            try {
                await lane.acknowledged(random.between(2000, 6000));
                await until(
                    "packets that were dropped",
                    () => drop.dropped(),
                    (packets) => packets > 3,
                );
            } finally {
                await drop.end();
            }
        },
    },
    {
        name: "rotation-in-outage",
        what: "PostgreSQL begins 20 log files while Elasticsearch is away",
        stack: "proxied",
        fault: (lane, random) =>
            away(lane, async () => {
                const rotation = ["-c", "SELECT pg_rotate_logfile()", "-c", "SELECT pg_sleep(0.2)"];
                const psql = ["psql", "--username=postgres", "--dbname=app", "--no-psqlrc", "-qAt"];
                const { metadata } = await lane.pod();
                await lane.moment(random);
                const rotations = Array.from({ length: 20 }, () => rotation).flat();
                await lane.cluster.exec(metadata.name, "postgres", ...psql, ...rotations);
                await queued(lane, 500);
            }),
    },
];
