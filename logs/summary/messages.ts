/** Data that PostgreSQL's messages have only as text. Sizes are in bytes, times in milliseconds. */

/** From `temporary file: path "base/pgsql_tmp/pgsql_tmp71.0", size 14000128`. */
export function temporaryFileSize(message: string): number | undefined {
    const [, size] = /^temporary file: path .*, size (\d+)/.exec(message) ?? [];
    return size === undefined ? undefined : Number(size);
}

/** From `checkpoint complete: wrote 23 buffers (0.1%); …; write=2.036 s, sync=0.020 s, total=2.069 s; …`. */
export function checkpoint(message: string): { buffers: number; milliseconds: number } | undefined {
    const [, buffers, seconds] = /: wrote (\d+) buffers .*\btotal=([\d.]+) s/.exec(message) ?? [];
    return buffers === undefined ? undefined : { buffers: Number(buffers), milliseconds: Number(seconds) * 1000 };
}

/**
 * Table and time from `automatic vacuum of table "app.public.orders": …elapsed: 1.50 s`, also for aggressive vacuums.
 */
export function autovacuum(message: string): { table: string; milliseconds: number } | undefined {
    const [, table] = /^automatic (?:aggressive )?(?:vacuum|analyze)[\w ]* of table "([^"]*)"/.exec(message) ?? [];
    const [, seconds] = /elapsed: ([\d.]+) s/.exec(message) ?? [];
    return table === undefined ? undefined : { table, milliseconds: Number(seconds ?? 0) * 1000 };
}

/** From `process 71 still waiting for ShareLock on transaction 742 after 1000.123 ms`. */
export function lockWait(message: string): { lock: string } | undefined {
    const [, lock] = /still waiting for (\w+ on \w+)/.exec(message) ?? [];
    return lock === undefined ? undefined : { lock };
}
