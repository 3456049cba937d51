import { InvalidArgumentError, Option } from "commander";

/** A name that can be part of the name of a file, a control group and a context. */
function environmentName(text: string) {
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(text))
        throw new InvalidArgumentError("Use lower-case letters, digits and hyphens, 31 at most.");
    return text;
}

/** The option `--name` of every command that works on a local environment; PGLOG_NAME also sets it. */
export function nameOption() {
    return new Option("--name <name>", "name of the local environment")
        .env("PGLOG_NAME")
        .argParser(environmentName)
        .default("local");
}
