import { until } from "../../e2e/run";
import type { Kind } from "../kind";
import type { Lane } from "../lane";
import type { Part } from "../node";
import type { Random } from "../../../bench/pipeline/random";

const kill = (part: Part) => async (lane: Lane, random: Random) => {
    await lane.moment(random);
    const process = await lane.process(part);
    lane.node.kill(process);
    await lane.replaced(part, process);
};

/** Faults that kill processes of the database's Pod without warning, or delete the Pod. */
export const kills: Kind[] = [
    {
        name: "pod-deleted",
        what: "the database's Pod is deleted",
        stack: "direct",
        short: true,
        fault: async (lane, random) => {
            await lane.moment(random);
            await lane.replacePod();
        },
    },
    {
        name: "fluent-bit-killed",
        what: "Fluent Bit is killed (-9)",
        stack: "direct",
        needsNode: true,
        ends: ["fluentBit"],
        short: true,
        fault: kill("fluentBit"),
    },
    {
        name: "log-keeper-killed",
        what: "the log keeper, which holds the queue, is killed (-9)",
        stack: "direct",
        needsNode: true,
        ends: ["logKeeper"],
        fault: kill("logKeeper"),
    },
    {
        name: "postmaster-killed",
        what: "PostgreSQL's first process is killed (-9)",
        stack: "direct",
        needsNode: true,
        ends: ["postmaster"],
        short: true,
        fault: kill("postmaster"),
    },
    {
        name: "logger-killed",
        what: "PostgreSQL's logging collector is killed (-9)",
        stack: "direct",
        needsNode: true,
        short: true,
        fault: kill("logger"),
    },
    {
        name: "node-stopped",
        what: "every process of the Pod is killed (-9) at once, as in a power cut of its node",
        stack: "direct",
        needsNode: true,
        ends: ["fluentBit", "logKeeper", "postmaster"],
        cutsPipe: true,
        fault: async (lane, random) => {
            await lane.moment(random);
            const { podUid, pid } = await lane.process("postmaster");
            lane.node.killAtOnce(podUid);
            lane.cut = lane.parts.ledger.last;
            await until(
                "the end of the server",
                () => Promise.resolve(lane.node.find(podUid, "postmaster")?.pid),
                (now) => now !== pid,
            );
            await lane.replaced("postmaster", { podUid, pid });
            await lane.pod();
        },
    },
];
