import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresVersion } from "../config";

/**
 * When a new value takes effect: with `postmaster` at the next start, with the others when the server reloads its
 * configuration. The two `backend` ones affect only new sessions.
 * Source: https://www.postgresql.org/docs/18/view-pg-settings.html
 */
export type Context = "postmaster" | "sighup" | "superuser" | "user" | "backend" | "superuser-backend";

/** A parameter of PostgreSQL, as in the server's view `pg_settings`. */
export interface Parameter {
    name: string;
    type: "bool" | "enum" | "integer" | "real" | "string";
    context: Context;
    /** Unit of `min`, `max` and any number without a unit: B, kB, 8kB, MB, ms, s or min. */
    unit?: string;
    min?: number;
    max?: number;
    /** Values of an enum. */
    values?: string[];
}

const tables = new Map<PostgresVersion, Map<string, Parameter>>();

/**
 * All parameters of a major version that a configuration may set, by lower-case name.
 *
 * generate.ts writes the tables from a server of each version. Parameters of extensions (`pg_stat_statements.max`) are
 * left out.
 */
export function parameters(version: PostgresVersion): ReadonlyMap<string, Parameter> {
    const known = tables.get(version);
    if (known !== undefined) return known;
    const list = JSON.parse(readFileSync(join(__dirname, `${version}.json`), "utf8")) as Parameter[];
    const table = new Map(list.map((parameter) => [parameter.name.toLowerCase(), parameter]));
    tables.set(version, table);
    return table;
}
