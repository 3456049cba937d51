import { Command, InvalidArgumentError } from "commander";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { step } from "../../report/progress";
import { renderChart } from "./chart";
import { writeLines } from "./lines";
import { summary, type Result } from "./result";
import { findShippers, runRounds } from "./rounds";
import { reference, shippers } from "./shippers";
import { pod } from "./shippers/rendered";
import { renderTable } from "./table";

interface Options {
    lines: number;
    rounds: number;
    seed: number;
    only: string[];
    json?: string;
    svg?: string;
}

const ids = shippers.map(({ id }) => id);

function positive(text: string): number {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
    return Number(text);
}

function shipperList(text: string): string[] {
    const given = text.split(",").filter((id) => id !== "");
    const wrong = given.find((id) => !ids.includes(id));
    if (wrong !== undefined) throw new InvalidArgumentError(`${wrong} is not one of ${ids.join(", ")}.`);
    return given;
}

async function measure({ lines, rounds, seed, only }: Options, directory: string): Promise<Result> {
    const { available, skipped } = await findShippers(shippers.filter(({ id }) => only.includes(id)));
    const logs = join(directory, "logs");
    mkdirSync(logs);
    if (available.length === 0) throw new Error("this machine has none of the shippers");
    const bytes = await step(`writing ${lines.toLocaleString("en-US")} lines, seed ${seed}`, () =>
        writeLines(join(logs, `postgresql-2026-01-31_120000-${pod}.json`), seed, lines),
    );
    const all = { directory: logs, count: lines };
    const measured = await runRounds(available, rounds, all, join(directory, "run"));
    const references = measured.find(({ id }) => id === reference.id)?.runs ?? [];
    return {
        machine: { processor: cpus()[0]?.model.trim() ?? "unknown", cores: cpus().length, kernel: release() },
        seed,
        lines,
        bytesPerLine: bytes / lines,
        rounds,
        shippers: [...measured.map((one) => ({ ...one, summary: summary(one.runs, lines, references) })), ...skipped],
    };
}

async function pipeline(options: Options) {
    const directory = mkdtempSync(join(tmpdir(), "pglog-bench-"));
    process.once("exit", () => {
        rmSync(directory, { recursive: true, force: true });
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
    const result = await measure(options, directory);
    console.log(renderTable(result));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 4)}\n`);
    if (options.svg !== undefined) writeFileSync(options.svg, renderChart(result));
}

/** `npm run bench -- pipeline` */
export function pipelineCommand(): Command {
    return new Command("pipeline")
        .description("measure CPU, memory and bytes of each shipper for the same log lines, from file to Elasticsearch")
        .option("--lines <count>", "how many lines", positive, 200_000)
        .option("--rounds <count>", "how often each shipper runs; they take turns", positive, 5)
        .option("--seed <number>", "seed of the lines; equal seeds give equal lines", positive, 1)
        .option("--only <shippers>", `some of: ${ids.join(", ")}`, shipperList, ids)
        .option("--json <file>", "write all measurements")
        .option("--svg <file>", "write a chart")
        .addHelpText(
            "after",
            "\nCPU is the time of the shipper's processes, from their start to the arrival of the last document at a stand-in for\nElasticsearch that accepts everything. Linux only.",
        )
        .action(pipeline);
}
