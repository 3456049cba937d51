import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** PostgreSQL's default, `scram_iterations`. */
const iterations = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password, in the form of PostgreSQL's `pg_authid.rolpassword`: enough to check a
 * password, not to log in with. PostgreSQL stores it as it is, so that the password itself never stands in a statement
 * or a log line.
 *
 * The salt follows from the password, so that the verifier is the same on each run. That is no weakness for a
 * generated password: there is nothing to look up in a table.
 *
 * @param password printable ASCII (anything else would have to be normalised first, RFC 4013)
 * https://www.postgresql.org/docs/current/catalog-pg-authid.html
 */
export function scramVerifier(password: string): string {
    const salt = createHash("sha256").update(`pglog scram salt:${password}`).digest().subarray(0, 16);
    const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
    const clientKey = createHmac("sha256", salted).update("Client Key").digest();
    const storedKey = createHash("sha256").update(clientKey).digest("base64");
    const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
    return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
