import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../e2e/run";
import type { Round } from "./round";
import { without } from "./without";

/** Saves the evidence of a failed round in a separate directory, and returns its path. */
export async function keepEvidence(round: Round, seed: number): Promise<string> {
    const { kind, number, lane } = round;
    const facts = without(round, "kind", "lane", "found");
    const { namespace } = lane.cluster;
    const directory = join(tmpdir(), `pglog-lines-${seed}`, `${kind.name}-${number}`);
    mkdirSync(directory, { recursive: true });
    const keep = (name: string, text: string) => {
        writeFileSync(join(directory, name), text);
    };
    const kubectl = async (name: string, ...args: string[]) => {
        const { stdout, stderr } = await run("kubectl", ["--namespace", namespace, ...args]);
        keep(name, stdout + stderr);
    };
    const { ledger, follower } = lane.parts;
    const tally = ledger.tally(round.after, round.last);
    const messages = follower.lossMessages;
    keep("round.json", JSON.stringify({ seed, kind: kind.name, ...facts, tally, messages }, null, 2));
    for (const container of ["postgres", "fluent-bit", "log-keeper", "initialise"]) {
        const logs = ["logs", "deployment/postgres", "--container", container, "--tail", "3000"];
        await kubectl(`${container}.log`, ...logs);
        await kubectl(`${container}-previous.log`, ...logs, "--previous");
    }
    const service = `/api/v1/namespaces/${namespace}/services/fluent-bit:2020/proxy`;
    await kubectl("metrics.txt", "get", "--raw", `${service}/api/v2/metrics/prometheus`);
    await kubectl("pods.yaml", "get", "pods", "--output", "yaml");
    await kubectl("events.txt", "get", "events", "--sort-by", ".lastTimestamp");
    const inKeeper = ["exec", "deployment/postgres", "--container", "log-keeper", "--", "bash", "-c"];
    await kubectl("volume.txt", ...inKeeper, "ls -lR $VOLUME; df $VOLUME; head -n 50 $VOLUME/state/*");
    return directory;
}
