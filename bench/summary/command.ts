import { Command } from "commander";
import { markdownTable } from "markdown-table";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import spawn from "nano-spawn";
import { begin } from "../pipeline/lines";
import { multiply, ship, Target, writeLog } from "./load";
import { runPgBadger } from "./pgBadger";

interface Options {
    url: string;
    lines: number;
    documents: number;
    seed: number;
}

interface Measured {
    lines: number;
    seconds: number;
    memory: number;
}

const whole = (value: number) => Math.round(value).toLocaleString("en-US");
const megabytes = (bytes: number) => whole(bytes / 1e6);

/**
 * Summaries one after the other. Each begins at a different time, and after the first lines: Elasticsearch answers a query
 * for all lines from its request cache, whatever its times are.
 */
async function summaries(url: string, count: number): Promise<Measured[]> {
    const found: Measured[] = [];
    for (let run = 1; run <= count; run += 1) {
        const since = new Date(begin + 500 + run).toISOString();
        const { stdout } = await spawn("tsx", [join(__dirname, "client.ts"), url, since]);
        found.push(JSON.parse(stdout) as Measured);
    }
    return found;
}

async function row(target: Target): Promise<string[]> {
    const [first, ...next] = await summaries(target.url.href, 6);
    const seconds = next.map((one) => one.seconds).sort((left, right) => left - right);
    const memory = Math.max(...next.map((one) => one.memory));
    return [
        ...[whole(first!.lines), megabytes(await target.size()), first!.seconds.toFixed(2)],
        ...[seconds[2]!.toFixed(2), `${seconds[0]!.toFixed(2)}–${seconds[4]!.toFixed(2)}`, megabytes(memory)],
    ];
}

const head = ["documents", "index, MB", "first, s", "median of 5, s", "min–max", "client's RSS, MB"];

async function measure({ url, lines, documents, seed }: Options) {
    const target = new Target(new URL(url));
    const directory = mkdtempSync(join(tmpdir(), "pglog-summary-"));
    let shown = 0;
    const progress = (count: number) => {
        if (count < shown + 100_000) return;
        shown = count;
        console.error(`${whole(count)} documents`);
    };
    try {
        const logs = join(directory, "lines");
        const file = await writeLog(logs, seed, lines);
        console.error(`${whole(lines)} lines, ${megabytes(statSync(file).size)} MB`);
        const badger = await runPgBadger(file, directory);
        if (badger !== undefined) console.log(`${badger}\n`);
        await target.prepare();
        const began = Date.now();
        await ship(target, logs, lines, join(directory, "shipper"), progress);
        console.log(`Shipped in ${whole((Date.now() - began) / 1000)} s.\n`);
        const rows = [await row(target)];
        console.error(rows[0]!.join("  "));
        if (documents > lines) {
            await multiply(target, lines, documents, progress);
            rows.push(await row(target));
        }
        console.log(markdownTable([head, ...rows], { align: head.map(() => "right") }));
    } finally {
        rmSync(directory, { recursive: true });
        await target.remove();
    }
}

/** `npm run bench -- summary` */
export function summaryCommand(): Command {
    return new Command("summary")
        .description("measure a summary of many lines, and pgBadger's report of the first of them")
        .requiredOption(
            "--url <url>",
            "an Elasticsearch without authentication; the index postgresql-logs-bench-2026.01.31 is replaced",
        )
        .option("--lines <count>", "number of lines that are logged and shipped", Number, 1_000_000)
        .option("--documents <count>", "number of documents to which they are multiplied", Number, 10_000_000)
        .option("--seed <number>", "seed of the lines", Number, 1)
        .action(measure);
}
