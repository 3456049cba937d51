import { Command } from "commander";
import { markdownTable } from "markdown-table";
import spawn from "nano-spawn";
import { readFileSync } from "node:fs";
import { parseStat } from "../pipeline/processTree";
import { pairedRatio, rotated, spread, type Spread } from "../pipeline/statistics";
import { withStacks, type MadeStack } from "./stacks";

interface Options {
    project: string;
    stacks: string[];
    rounds: number;
}

/** Seconds by the clock, and of CPU in all processes. */
interface Cost {
    wall: number;
    cpu: number;
}

/** The commands that are measured. Neither finds a change. */
const commands = {
    preview: ["preview", "--expect-no-changes"],
    up: ["up", "--yes", "--skip-preview", "--expect-no-changes"],
};

/** Seconds of CPU that the ended children of this process and their descendants used. */
function cpuOfChildren() {
    const { user, system } = process.cpuUsage();
    return parseStat(readFileSync("/proc/self/stat", "utf8")).cpu - (user + system) / 1e6;
}

async function run(command: string[], { args, env }: MadeStack): Promise<Cost> {
    const [from, before] = [performance.now(), cpuOfChildren()];
    await spawn("pulumi", [...command, ...args], { env });
    return { wall: (performance.now() - from) / 1000, cpu: cpuOfChildren() - before };
}

const withRange = ({ median, min, max }: Spread) => `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;

/** The rows of one command: each stack with its times, and their ratios to the minimal program's in the same round. */
async function measure(name: keyof typeof commands, stacks: MadeStack[], rounds: number): Promise<string[][]> {
    const costs = new Map(stacks.map((stack) => [stack, [] as Cost[]]));
    for (let round = -1; round < rounds; round++) {
        console.error(`${name}: ${round < 0 ? "warming up" : `round ${round + 1} of ${rounds}`}`);
        for (const stack of rotated(stacks, round + 1)) {
            const cost = await run(commands[name], stack);
            if (round >= 0) costs.get(stack)!.push(cost);
        }
    }
    const reference = costs.get(stacks.find(({ title }) => title === "minimal")!)!;
    return stacks.map((stack) => {
        const own = costs.get(stack)!;
        const cells = (["wall", "cpu"] as const).flatMap((kind) => {
            const values = own.map((cost) => cost[kind]);
            return [
                withRange(spread(values)),
                withRange(
                    pairedRatio(
                        values,
                        reference.map((cost) => cost[kind]),
                    ),
                ),
            ];
        });
        return [name, stack.title, ...cells];
    });
}

async function bench({ project, stacks: names, rounds }: Options) {
    await withStacks(project, [...names, "minimal"], async (stacks) => {
        const rows: string[][] = [];
        for (const name of ["preview", "up"] as const) rows.push(...(await measure(name, stacks, rounds)));
        console.log(
            markdownTable([["command", "stack", "wall, s", "of minimal", "CPU, s", "of minimal"], ...rows], {
                align: ["left", "left", "right", "right", "right", "right"],
            }),
        );
    });
}

/** `npm run bench -- preview` */
export function previewCommand(): Command {
    return new Command("preview")
        .description(
            "measure `pulumi preview` and `pulumi up` of an unchanged stack against a program with one ConfigMap",
        )
        .option("--stacks <names...>", "the stacks", ["dev", "prod"])
        .option("--rounds <count>", "number of runs of each", Number, 7)
        .option("--project <directory>", "a checkout whose program is measured", ".")
        .addHelpText("after", '\nRun it in a shell of the local environment: eval "$(npm run --silent local:env)"')
        .action(bench);
}
