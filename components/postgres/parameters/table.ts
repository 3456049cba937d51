import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresVersion } from "../config";

/**
 * When the server takes a new value: `postmaster` at its next start, `sighup`, `superuser`, `user` and the two
 * `backend` ones when it reads its files again (the last two for new sessions).
 * Source: https://www.postgresql.org/docs/18/view-pg-settings.html
 */
export type Context = "postmaster" | "sighup" | "superuser" | "user" | "backend" | "superuser-backend";

/** A parameter of PostgreSQL, as the server's own view `pg_settings` has it. */
export interface Parameter {
    name: string;
    type: "bool" | "enum" | "integer" | "real" | "string";
    context: Context;
    /** Unit of a number without one, and of `min` and `max`: B, kB, 8kB, MB, ms, s or min. */
    unit?: string;
    min?: number;
    max?: number;
    /** Values of an enum. */
    values?: string[];
}

const tables = new Map<PostgresVersion, Map<string, Parameter>>();

/**
 * All parameters of a major version that a configuration may set, by name.
 *
 * Made by generate.ts from a server of that version. Extensions' parameters (`pg_stat_statements.max`) are not in it.
 */
export function parameters(version: PostgresVersion): ReadonlyMap<string, Parameter> {
    const known = tables.get(version);
    if (known !== undefined) return known;
    const list = JSON.parse(readFileSync(join(__dirname, `${version}.json`), "utf8")) as Parameter[];
    const table = new Map(list.map((parameter) => [parameter.name.toLowerCase(), parameter]));
    tables.set(version, table);
    return table;
}
