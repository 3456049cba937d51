import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { format, resolveConfig } from "prettier";
import type { Parameter } from "./table";

/**
 * Enum values that the official Debian images support and a build without these libraries lacks, by parameter.
 * Source: the build options in https://salsa.debian.org/postgresql/postgresql (lz4, zstd, liburing from 18 on), and
 * https://www.postgresql.org/docs/18/runtime-config-wal.html and runtime-config-resource.html for the names.
 */
const libraries: { name: string; from: number; values: string[] }[] = [
    { name: "wal_compression", from: 15, values: ["pglz", "lz4", "zstd", "on", "off"] },
    { name: "default_toast_compression", from: 15, values: ["pglz", "lz4"] },
    { name: "io_method", from: 18, values: ["sync", "worker", "io_uring"] },
];

/** `pg_settings` without the rows that differ between machines or belong to one transaction. */
const query = `
    SELECT name, vartype AS type, context, unit, min_val AS min, max_val AS max, enumvals AS values
    FROM pg_settings
    WHERE context <> 'internal' AND name !~ '[.]'
        AND name NOT IN ('transaction_deferrable', 'transaction_isolation', 'transaction_read_only')
    ORDER BY name COLLATE "C"`;

type Row = Omit<{ [K in keyof Parameter]: Parameter[K] | null }, "min" | "max"> & Record<"min" | "max", string | null>;

function parameter({ min, max, ...row }: Row, version: number): Parameter {
    const values = libraries.find(({ name, from }) => name === row.name && version >= from)?.values ?? row.values;
    const all = { ...row, values, min: min === null ? null : Number(min), max: max === null ? null : Number(max) };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as unknown as Parameter;
}

async function main(uri: string | undefined) {
    if (uri === undefined)
        throw new Error(
            "the URI of a server is missing. Run: npx tsx components/postgres/parameters/generate.ts postgresql://…",
        );
    const client = new Client({ connectionString: uri });
    await client.connect();
    try {
        const { rows } = await client.query<{ server_version_num: string }>("SHOW server_version_num");
        const version = Math.floor(Number(rows[0]!.server_version_num) / 10000);
        const { rows: found } = await client.query<Row>(query);
        const lines = found.map((row) => JSON.stringify(parameter(row, version)));
        const file = join(__dirname, `${version}.json`);
        mkdirSync(__dirname, { recursive: true });
        writeFileSync(file, await format(`[${lines.join(",\n")}]`, { ...(await resolveConfig(file)), filepath: file }));
        console.log(`${file}: ${lines.length} parameters`);
    } finally {
        await client.end();
    }
}

// Writes the table of one major version: npx tsx components/postgres/parameters/generate.ts <URI of a server>
main(process.argv[2]).catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
});
