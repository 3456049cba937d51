import { found, logLines, pause, type Stack } from "./stack";

/** Seconds from a line's commit until a search finds it. */
export interface Freshness {
    /** Lines a second. */
    rate: number;
    p50: number;
    p99: number;
    batches: number;
}

/**
 * Logs at a rate for some seconds, in batches of a tenth of a second (one line at low rates), and searches for the end of
 * each batch. The milliseconds of the search are included.
 */
export async function freshness(stack: Stack, rate: number, seconds: number): Promise<Freshness> {
    const run = Date.now().toString(36);
    const batch = Math.max(1, Math.round(rate / 10));
    const every = (batch / rate) * 1000;
    const client = await stack.connect();
    const batches = Math.ceil((seconds * 1000) / every);
    const committed: number[] = [];
    const latencies: number[] = [];
    const writing = (async () => {
        const start = Date.now();
        for (let i = 0; i < batches; i += 1) {
            await logLines(client, `fresh ${run} b${i}e`, batch);
            committed.push(Date.now());
            await pause(Math.max(0, start + (i + 1) * every - Date.now()));
        }
    })();
    while (latencies.length < batches) {
        const moment = committed[latencies.length];
        if (moment !== undefined && (await found(stack, `fresh ${run} b${latencies.length}e`)) >= batch)
            latencies.push((Date.now() - moment) / 1000);
        else await pause(20);
    }
    await writing;
    await client.end();
    latencies.sort((a, b) => a - b);
    const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!;
    return { rate, p50: at(0.5), p99: at(0.99), batches: latencies.length };
}
