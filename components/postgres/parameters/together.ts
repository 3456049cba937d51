import type { PostgresVersion } from "../config";
import { numberOf } from "./check";
import { parameters } from "./table";

/** A parameter whose value does not fit the values of other parameters. */
export interface Misfit {
    name: string;
    /** The rule, as in "it must be …". */
    must: string;
}

/**
 * The rules between parameters that PostgreSQL checks before it starts.
 * Source: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/postmaster/postmaster.c, PostmasterMain
 *
 * @param values valid values as texts, by name; a parameter that is missing has its default
 */
export function misfits(values: Record<string, string | undefined>, version: PostgresVersion): Misfit[] {
    const number = (name: string, otherwise: number) => {
        const parameter = parameters(version).get(name);
        return (parameter && numberOf(parameter, values[name] ?? "")) ?? otherwise;
    };
    const isOff = (name: string) => /^(off|false|no|0)$/i.test(values[name] ?? "off");
    const found: Misfit[] = [];
    const superusers = number("superuser_reserved_connections", 3);
    const connections = number("max_connections", 100);
    const reserved = number("reserved_connections", 0);
    if (superusers + reserved >= connections)
        found.push({
            name: reserved > 0 ? "reserved_connections" : "superuser_reserved_connections",
            must: `less than max_connections, ${connections}, together with the other reserved connections`,
        });
    if (values.wal_level?.toLowerCase() !== "minimal") return found;
    const logs = "with wal_level minimal, which writes too little for it";
    if (number("max_wal_senders", 10) > 0)
        found.push({ name: "wal_level", must: "replica or logical, unless max_wal_senders is 0" });
    if (!isOff("archive_mode")) found.push({ name: "archive_mode", must: `off ${logs}` });
    if (!isOff("summarize_wal")) found.push({ name: "summarize_wal", must: `off ${logs}` });
    return found;
}
