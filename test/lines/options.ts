import { InvalidArgumentError, type Command } from "commander";
import { nameOption } from "../../local/cli/nameOption";
import { kinds } from "./kinds";

export interface Options {
    /** Rounds of each kind. */
    rounds: number;
    /** Names of kinds; all kinds if empty. */
    kinds?: string[];
    seed: number;
    short?: true;
    /** The number of stacks under load at a time: two share an Elasticsearch. */
    stacks: number;
    /** File for the results. */
    json?: string;
    /** Name of the local environment. */
    name: string;
    /** Context of the kubeconfig, instead of the local environment. */
    context?: string;
}

function wholeNumber(text: string) {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 on.");
    return Number(text);
}

function kindNames(text: string) {
    const names = text.split(",");
    const all = kinds.map(({ name }) => name);
    const unknown = names.filter((name) => !all.includes(name));
    if (unknown.length > 0) throw new InvalidArgumentError(`No kind is called ${unknown.join(", ")}.`);
    return names;
}

/** The options of `npm run test:lines`. */
export function withOptions(command: Command): Command {
    return command
        .option("--rounds <n>", "rounds of each kind of fault", wholeNumber, 25)
        .option(
            "--kinds <names>",
            `only these kinds, with commas between: ${kinds.map(({ name }) => name).join(", ")}`,
            kindNames,
        )
        .option("--seed <n>", "the seed of an earlier run", wholeNumber, Math.ceil(Math.random() * 999_999_999))
        .option("--short", "one round of each kind of the short form")
        .option("--stacks <n>", "stacks under load at a time", wholeNumber, 2)
        .option("--json <file>", "write the results to a file as well")
        .addOption(nameOption())
        .option("--context <name>", "the cluster of this kubeconfig context");
}

/** The kinds to run. */
export function chosenKinds({ kinds: names, short }: Pick<Options, "kinds" | "short">) {
    return kinds.filter((kind) => (names ? names.includes(kind.name) : !short || kind.short));
}
