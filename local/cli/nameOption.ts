import { InvalidArgumentError, Option } from "commander";

/** A name that can be part of the names of files, control groups and contexts. */
function environmentName(text: string) {
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(text))
        throw new InvalidArgumentError("It is of lower-case letters, digits and hyphens, 31 at most.");
    return text;
}

/** The option `--name` of every command that works on a local environment; PGLOG_NAME sets it, too. */
export function nameOption() {
    return new Option("--name <name>", "which local environment")
        .env("PGLOG_NAME")
        .argParser(environmentName)
        .default("local");
}
