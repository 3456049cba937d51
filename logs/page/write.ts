import { queryOf, type Filters } from "../query";
import type { Elasticsearch } from "../source/elasticsearch";
import { summarize } from "../summary/summary";
import { examplesOf } from "./examples";
import { writePage } from "./file";
import { pageOf } from "./page";
import { timelineOf } from "./timeline";

interface Request {
    stack: string;
    filters: Filters & { since: Date };
    file: string;
}

/** Writes the summary of a stack's lines as a page. Returns a sentence with its path and size. */
export async function writeSummaryPage(elasticsearch: Elasticsearch, { stack, filters, file }: Request) {
    const { since, until = new Date() } = filters;
    if (since >= until) throw new Error(`--since ${since.toISOString()} must be before --until ${until.toISOString()}`);
    const query = queryOf({ ...filters, until });
    const [summary, moments] = await Promise.all([
        summarize(elasticsearch, query),
        timelineOf(elasticsearch, query, since, until),
    ]);
    const html = await pageOf({
        ...{ stack, since: since.toISOString(), until: until.toISOString(), summary, moments },
        examples: await examplesOf(elasticsearch, query, summary.statements),
    });
    return `${file}: ${Math.ceil(writePage(file, html) / 1000)} kB, ${summary.lines} lines`;
}
