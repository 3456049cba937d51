import {
    derivedParameters,
    parameterKey,
    postgresVersions,
    reservedParameter,
    type PostgresVersion,
} from "../../components/postgres/config";
import { refusedParameter } from "../../components/postgres/parameters/check";
import { misfits } from "../../components/postgres/parameters/together";
import { fixedName } from "../../render/metadata";
import type { Change, FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { settingsOf } from "../source/fieldChanges";
import { hbaEffect } from "./hba";
import { image } from "./image";
import { metadataRules } from "./metadata";
import { parameterEffect, unquoted } from "./parameters";
import { changeOf, containerOf, fileOf, noLongerReads, postgresOf } from "./plan";
import {
    edit,
    judged,
    nothing,
    part,
    shift,
    shown,
    type FieldRule,
    type ObjectRules,
    type Setting,
    type Wrong,
} from "./rule";

const nameOf = (field: FieldChange) => /[.[]([\w.]+)\]?$/.exec(field.path)![1]!;

/** A parameter of one file, and of the other one if it moves there, as `autovacuum_max_workers` does with version 18. */
function lineEffect(field: FieldChange, { before, after }: Change, plan: readonly Change[]): Effect {
    const name = nameOf(field);
    const other = field.path.startsWith("data[postgresql.conf]") ? "reloadable.conf" : "postgresql.conf";
    const [was, is] = [before, after].map((inputs) => settingsOf(fileOf(inputs, other) ?? "")[name]);
    const [from, to] = [field.from ?? was, field.to ?? is];
    return from === to ? effect("none", "It moves to a different file.") : parameterEffect(name, from, to, plan);
}

/** The effect of a parameter that follows from a key, with the values. */
function derivedEffect(field: FieldChange, change: Change, plan: readonly Change[]): Effect {
    const { level, says } = lineEffect(field, change, plan);
    const values = `\`${nameOf(field)}\` ${shift(field).replaceAll("'", "")}.`;
    return effect(level, level === "none" ? values : `${values} ${says}`);
}

/** Parameters that the program derives and that a stack may also set itself. */
const derived = ["effective_cache_size", "temp_buffers", ...derivedParameters];

/** The key or the member of postgresSettings that a parameter comes from. */
const settingOf = (name: string): Setting =>
    ["effective_cache_size", "temp_buffers"].includes(name)
        ? "postgresMemory"
        : (parameterKey(name) ?? `postgresSettings.${name}`);

/** Rules for the lines of postgresql.conf and reloadable.conf. */
const confRules: FieldRule[] = ["data[postgresql.conf]", "data[reloadable.conf]"].flatMap((file) => [
    ...derived.map((name) => ({
        ...part(`${file}.${name}`, settingOf(name), "none", ""),
        effects: (...args: Parameters<typeof derivedEffect>) => [derivedEffect(...args)],
    })),
    ...[`${file}.*`, `${file}[*]`].map((at) => judged(at, (field) => settingOf(nameOf(field)), lineEffect)),
]);

/**
 * The major version in PostgreSQL's image, as the plan leaves it; undefined if the tag names none that is known. A new
 * revision of the settings always changes the Job that waits for them, and it has the same image.
 */
function serverVersion(plan: readonly Change[]): PostgresVersion | undefined {
    const waiting = containerOf(changeOf(plan, "postgres-settings-check")?.after, "await-settings");
    const major = image((postgresOf(plan) ?? waiting)?.image ?? "").version?.major;
    return postgresVersions.find((version) => version === major);
}

const stays = "PostgreSQL refuses it and keeps its former configuration";

/** Lines of files that the server refuses, also where they stay as they were. */
function refusedLines(...files: string[]) {
    return ({ after }: Change, plan: readonly Change[]): Wrong[] => {
        const version = serverVersion(plan);
        const versions = version === undefined ? postgresVersions : [version];
        const lines = files.flatMap((file) =>
            Object.entries(settingsOf(fileOf(after, file) ?? ""))
                .filter(([name]) => !name.startsWith("include"))
                .map(([name, value]) => ({ file, name: name.toLowerCase(), value: unquoted(value) })),
        );
        const alone = lines.flatMap(({ name, value }) => {
            const rules = versions.map((one) => refusedParameter(name, value ?? "", one));
            const must = rules.find((rule) => rule !== undefined);
            return must === undefined ? [] : [{ name, must, everywhere: rules.every((rule) => rule !== undefined) }];
        });
        const values = Object.fromEntries(lines.map(({ name, value }) => [name, value]));
        const together = files.includes("postgresql.conf") ? misfits(values, version ?? 18) : [];
        return [...alone, ...together.map((one) => ({ ...one, everywhere: true }))].map(
            ({ name, must, everywhere }) => ({
                path: `data[${lines.find((line) => line.name === name)?.file ?? files[0]!}].${name}`,
                setting: settingOf(name),
                effect: everywhere
                    ? effect("refused", `${stays}: \`${name}\` must be ${must}.`)
                    : effect(
                          "unknown",
                          `Not every version of PostgreSQL accepts \`${name}\`, and the image's tag names none: check it.`,
                      ),
            }),
        );
    };
}

const script = "A script changed: read the diff.";
const noConfiguration = effect("outage", "PostgreSQL cannot start without its configuration.");

/** A configuration under a new name, which the Pod has to read. */
export function moved({ before, after }: Change, plan: readonly Change[]): Effect[] {
    const [was = "", is] = [before, after].map(fixedName);
    return was === is || noLongerReads(plan, "postgres-deployment", was)
        ? [effect("none", "The configuration is replaced.")]
        : [effect("outage", "PostgreSQL's Pod still reads it under its former name, and cannot start again.")];
}

/** Rules for the ConfigMap with PostgreSQL's settings and scripts. */
export const postgresConfigRules: ObjectRules = {
    create: nothing,
    delete: () => [noConfiguration],
    replace: moved,
    fields: [
        ...confRules,
        judged("data[pg_hba.conf]", undefined, hbaEffect),
        edit("data[*]", "unknown", script),
        ...metadataRules,
    ],
    wrong: refusedLines("postgresql.conf", "reloadable.conf"),
};

const durations: Record<string, string> = {
    "-1": "No statement is logged for its duration.",
    "0": "Every statement is logged with its duration.",
};

/** Rules for logging.conf. */
export const loggingRules: FieldRule[] = [
    judged("data[logging.conf].log_statement", "logStatement", () =>
        effect("logging", "PostgreSQL logs different kinds of statements."),
    ),
    judged("data[logging.conf].log_min_duration_statement", "logMinDuration", ({ to }) =>
        effect("logging", durations[String(to)] ?? `Statements that take ${shown(to)} ms or longer are logged.`),
    ),
    part("data[logging.conf].log_rotation_size", "logVolumeSize", "none", "Log files rotate at a different size."),
    part("data[logging.conf].log_connections", "postgresVersion", "logging", "Connections are logged differently."),
    judged("data[logging.conf].*", undefined, (field) =>
        reservedParameter(nameOf(field), unquoted(field.to) ?? "") === undefined
            ? effect("logging", "PostgreSQL logs different events.")
            : effect("unknown", "The shipper relies on it: check that lines are still read."),
    ),
];

/** Lines of logging.conf that the server refuses. */
export const refusedLogging = refusedLines("logging.conf");
