import { Command, InvalidArgumentError, Option } from "commander";
import { levels, type Filters, type Level } from "./query";
import { mostAtOnce } from "./search";
import { parts, type Part } from "./summary/render";
import { durationOf, timeOf } from "./time";

/** The command line of `npm run logs`. */
export interface Options extends Filters {
    stack?: string;
    follow?: true;
    /** undefined: 20, or all with a time or a session. */
    lines?: number;
    cursor?: string;
    json?: true;
    count?: true;
    summary?: true | Part;
    /** The file for a page with the summary. */
    html?: string;
    kibana?: true;
}

const list = (text: string, before: string[] = []) => [...before, ...text.split(",").filter((one) => one !== "")];

function level(text: string): Level {
    const name = text.toUpperCase();
    if (!levels.includes(name as Level)) throw new InvalidArgumentError(`It must be one of ${levels.join(", ")}.`);
    return name as Level;
}

function nanoseconds(text: string): number {
    const milliseconds = durationOf(text);
    if (milliseconds === undefined)
        throw new InvalidArgumentError("It must be a duration such as 100ms, 1.5s or 2min.");
    return Math.round(milliseconds * 1e6);
}

function pointInTime(text: string): Date {
    const time = timeOf(text);
    if (time === undefined)
        throw new InvalidArgumentError(
            "It must be a duration before now (15m, 24h, 7d), today, yesterday, or a time (UTC) such as 2026-01-31 or 2026-01-31T12:00:05.",
        );
    return time;
}

function lineCount(text: string): number {
    if (!/^\d+$/.test(text) || Number(text) > mostAtOnce)
        throw new InvalidArgumentError(
            `It must be a whole number from 0 to ${mostAtOnce}. For more lines, use --since.`,
        );
    return Number(text);
}

/** The options that filter lines. Every form of the command accepts them. */
const filters = [
    new Option("--level <level>", `this severity and worse: ${levels.join(", ")}`).argParser(level),
    new Option("--user <name>", "these users, separated by commas").argParser(list),
    new Option("--database <name>", "these databases").argParser(list),
    new Option("--client <address>", "these clients; [local] is the socket").argParser(list),
    new Option("--sqlstate <code>", "these SQLSTATEs, such as 42P01").argParser(list),
    new Option("--session <id>", "these sessions, such as 697df2a5.47").argParser(list),
    new Option("--slower-than <duration>", "statements that took at least this long, such as 100ms").argParser(
        nanoseconds,
    ),
    new Option("--grep <words>", "these words in a row; the last one may be the beginning of a word"),
    new Option("--since <time>", "since this time: 15m, 24h (ago), today, 2026-01-31T12:00 (UTC)").argParser(
        pointInTime,
    ),
    new Option("--until <time>", "before this time").argParser(pointInTime),
];

export function logsCommand(run: (options: Options) => Promise<void>): Command {
    const command = new Command("npm run logs --")
        .description("Shows PostgreSQL's log of a stack, from the Elasticsearch that it ships to. Times are UTC.")
        .option("--stack <name>", "the stack")
        .addOption(new Option("-f, --follow", "keep showing new lines").conflicts(["count", "summary", "until"]))
        .addOption(
            new Option(
                "-n, --lines <number>",
                "number of the newest lines (default: 20; all with --since or --session)",
            ).argParser(lineCount),
        );
    for (const filter of filters) command.addOption(filter);
    return command
        .addOption(new Option("--json", "print each document as one line of JSON").conflicts("count"))
        .addOption(new Option("--count", "print the number of lines").conflicts(["summary", "lines"]))
        .addOption(
            new Option("--summary [part]", "print tables of what happened, or one of them (default: since 24h)")
                .choices(parts)
                .conflicts(["lines"]),
        )
        .addOption(
            new Option(
                "--html <file>",
                "write the whole summary as a page for a browser (default: since 24h)",
            ).conflicts(["follow", "lines", "json", "count", "summary"]),
        )
        .addOption(
            new Option(
                "--kibana",
                "print a data view of the lines and two dashboards, for Kibana's import of saved objects",
            ).conflicts(["follow", "lines", "json", "count", "summary", "html"]),
        )
        .option("--cursor <file>", "with --follow: continue where this file ends, and update it")
        .action(run);
}
