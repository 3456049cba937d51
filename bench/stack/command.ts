import { Command } from "commander";
import { markdownTable } from "markdown-table";
import { drain } from "./drain";
import { freshness } from "./freshness";
import { findStack } from "./stack";

interface Options {
    stack: string;
    seconds: number;
    lines: number;
}

const seconds = (value: number) => value.toFixed(2);
const whole = (value: number) => Math.round(value).toLocaleString("en-US");

async function measure({ stack: name, seconds: time, lines }: Options) {
    const stack = await findStack(name);
    const fresh: string[][] = [];
    for (const rate of [10, 1000, 5000]) {
        console.error(`logging ${rate} lines a second for ${time} s`);
        const { p50, p99, batches } = await freshness(stack, rate, time);
        fresh.push([whole(rate), seconds(p50), seconds(p99), whole(batches)]);
    }
    console.log(
        markdownTable([["lines a second", "p50, s", "p99, s", "looks"], ...fresh], {
            align: ["right", "right", "right", "right"],
        }),
    );
    console.error(`logging ${whole(lines)} lines while Elasticsearch is stopped, for one or two minutes`);
    const { first, rate, possible } = await drain(stack, lines);
    console.log(
        `\n${whole(lines)} lines waited. The first was found ${seconds(first)} s after Elasticsearch answered again; then ${whole(rate)} lines/s arrived. Sent to it directly after such a restart, it takes ${whole(possible)} documents/s: ${Math.round((rate / possible) * 100)} %.`,
    );
}

/** `npm run bench -- stack` */
export function stackCommand(): Command {
    return new Command("stack")
        .description(
            "measure on a deployed stack how soon a search finds a line, and how fast a backlog arrives after an outage",
        )
        .option("--stack <name>", "a stack with its own Elasticsearch, which is stopped for a while", "dev")
        .option("--seconds <count>", "seconds of logging at each rate", Number, 20)
        .option("--lines <count>", "number of lines that wait in the outage", Number, 100_000)
        .addHelpText("after", '\nRun it in a shell of the local environment: eval "$(npm run --silent local:env)"')
        .action(measure);
}
