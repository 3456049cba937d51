import { queryOf } from "../../logs/query";
import { summarize } from "../../logs/summary/summary";
import { Target } from "./load";

/** One summary in a process of its own, as `npm run logs -- --summary` makes it. Arguments: URL, beginning. */
async function main(url: string, since: string) {
    const { elasticsearch } = new Target(new URL(url));
    const began = performance.now();
    const { lines } = await summarize(elasticsearch, queryOf({ since: new Date(since) }));
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(JSON.stringify({ lines, seconds, memory: process.resourceUsage().maxRSS * 1024 }));
}

void main(process.argv[2]!, process.argv[3]!);
