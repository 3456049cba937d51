import { step } from "../report/progress";
import { readCursor, writeCursor } from "./cursor";
import { follow } from "./follow";
import { asFile, savedObjects } from "./kibana/savedObjects";
import { lineOf, type Hit } from "./line";
import { logsCommand, type Options } from "./options";
import { checkPageFile } from "./page/file";
import { writeSummaryPage } from "./page/write";
import { painterOf, Printer } from "./print";
import { queryOf } from "./query";
import { newest, pages } from "./search";
import type { Elasticsearch } from "./source/elasticsearch";
import { linesOf, lookUp, open } from "./source/stack";
import { renderSummary } from "./summary/render";
import { summarize } from "./summary/summary";
import { timeOf } from "./time";

/** Writes to standard output, no faster than the reader reads. */
function write(text: string): Promise<void> {
    if (process.stdout.write(text)) return Promise.resolve();
    return new Promise((resolve) => process.stdout.once("drain", resolve));
}

/** Prints lines in the requested format. */
function printer({ json }: Options): (hits: Hit[]) => Promise<void> {
    const lines = new Printer(painterOf(process.stdout));
    const text = (hit: Hit) => (json ? JSON.stringify(hit._source) : lines.print(lineOf(hit)));
    return (hits) => write(hits.map((hit) => `${text(hit)}\n`).join(""));
}

/** Number of lines to show first; undefined: all. */
function firstLines({ lines, since, session }: Options) {
    return lines ?? (since === undefined && session === undefined ? 20 : undefined);
}

async function showLines(elasticsearch: Elasticsearch, options: Options) {
    const query = queryOf(options);
    const show = printer(options);
    const first = firstLines(options);
    if (first === undefined) for await (const hits of pages(elasticsearch, query)) await show(hits);
    else if (first > 0) await show(await newest(elasticsearch, query, first));
}

async function followLines(elasticsearch: Elasticsearch, options: Options & { stack: string }) {
    const { stack, cursor } = options;
    const stopped = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
        process.once(signal, () => {
            stopped.abort();
            elasticsearch.close(); // a pending request gets no answer
        });
    await follow({
        ...{ elasticsearch, query: queryOf(options), first: firstLines(options), show: printer(options) },
        mark: cursor === undefined ? undefined : readCursor(cursor, stack),
        moved: (mark) => {
            if (cursor !== undefined) writeCursor(cursor, stack, mark);
        },
        away: (error) => {
            console.error(error ? `${error.message}; trying again` : "Elasticsearch answers again");
        },
        stop: stopped.signal,
    });
}

/** The options with the default beginning of a summary. */
const withBeginning = (options: Options) => ({ ...options, since: options.since ?? timeOf("24h")! });

async function summary(elasticsearch: Elasticsearch, options: Options) {
    const found = await summarize(elasticsearch, queryOf(withBeginning(options)));
    if (options.json) return `${JSON.stringify(found)}\n`;
    const part = options.summary === true ? undefined : options.summary;
    return `${renderSummary(found, painterOf(process.stdout), part)}\n`;
}

async function page(elasticsearch: Elasticsearch, stack: string, file: string, options: Options) {
    return `${await writeSummaryPage(elasticsearch, { stack, filters: withBeginning(options), file })}\n`;
}

async function run(options: Options) {
    const { stack, count, cursor, html, kibana } = options;
    if (stack === undefined)
        throw new Error("the stack is missing. Run: npm run logs -- --stack <stack>, or see --help");
    if (cursor !== undefined && !options.follow) throw new Error("--cursor goes with --follow");
    if (html !== undefined) checkPageFile(html);
    const look = () => lookUp(stack);
    const { outputs, cluster } = await (process.stderr.isTTY ? step(`looking up ${stack}`, look) : look());
    if (kibana) return write(asFile(savedObjects(stack, linesOf(stack, outputs).logs.search)));
    const elasticsearch = await open(stack, outputs, cluster);
    try {
        if (count) await write(`${await elasticsearch.count(queryOf(options))}\n`);
        else if (html !== undefined) await write(await page(elasticsearch, stack, html, options));
        else if (options.summary) await write(await summary(elasticsearch, options));
        else if (options.follow) await followLines(elasticsearch, { ...options, stack });
        else await showLines(elasticsearch, options);
    } finally {
        elasticsearch.close();
    }
}

// The reader of the output may end first, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

logsCommand(run)
    .parseAsync()
    .catch((error: unknown) => {
        console.error((error as Error).message);
        process.exitCode = 1;
    });
