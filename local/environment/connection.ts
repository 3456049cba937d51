import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How clients connect. None of these contains the password. */
export interface Connection {
    /** URI for Pods of the cluster. */
    inCluster: string;
    /**
     * URI for libpq on this machine, which reads the password from a file; undefined if this machine cannot reach
     * PostgreSQL.
     */
    fromHere?: string;
}

/**
 * Writes the password into a file for libpq, with mode 0600, and returns URIs without it. The URI for this machine names
 * the file (https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNECT-PASSFILE).
 *
 * @param directory of the environment; the file is deleted with it
 * @param secretUri the stack's URI for Pods, with the password
 * @param address PostgreSQL's address from this machine
 */
export function connection(
    directory: string,
    secretUri: string,
    address: { host: string; port: number } | undefined,
): Connection {
    const uri = new URL(secretUri);
    const password = decodeURIComponent(uri.password);
    uri.password = "";
    const inCluster = uri.toString();
    if (address === undefined) return { inCluster };
    const file = join(directory, "pgpass");
    const fields = [
        address.host,
        `${address.port}`,
        decodeURIComponent(uri.pathname.slice(1)),
        decodeURIComponent(uri.username),
        password,
    ];
    const line = fields.map((field) => field.replace(/[\\:]/g, "\\$&")).join(":");
    writeFileSync(file, `${line}\n`, { mode: 0o600 });
    chmodSync(file, 0o600); // the mode above applies only to a new file
    uri.hostname = address.host;
    uri.port = address.port === 5432 ? "" : `${address.port}`; // 5432 is libpq's default
    const passfile = file.split("/").map(encodeURIComponent).join("/");
    return { inCluster, fromHere: `${uri.toString()}?passfile=${passfile}` };
}
