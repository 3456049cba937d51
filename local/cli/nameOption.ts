import { InvalidArgumentError, Option } from "commander";

/** The name is part of a file name, a control group's name and a context's name. */
function environmentName(text: string) {
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(text))
        throw new InvalidArgumentError("Use lower-case letters, digits and hyphens, 31 at most.");
    return text;
}

/** The option `--name` of every command for a local environment. PGLOG_NAME sets it too. */
export function nameOption() {
    return new Option("--name <name>", "name of the local environment")
        .env("PGLOG_NAME")
        .argParser(environmentName)
        .default("local");
}
