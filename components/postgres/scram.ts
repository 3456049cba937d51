import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** PostgreSQL's default of `scram_iterations`. */
const iterations = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password, in the format of `pg_authid.rolpassword`. It can check a password, but nobody
 * can log in with it. PostgreSQL stores it unchanged, so the password never appears in a statement or a log line:
 * https://www.postgresql.org/docs/current/catalog-pg-authid.html
 *
 * The salt is derived from the password, so that every run gives the same verifier. This is safe for a generated
 * password, which is in no precomputed table.
 *
 * @param password printable ASCII; RFC 4013 requires normalising anything else
 */
export function scramVerifier(password: string): string {
    const salt = createHash("sha256").update(`pglog scram salt:${password}`).digest().subarray(0, 16);
    const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
    const clientKey = createHmac("sha256", salted).update("Client Key").digest();
    const storedKey = createHash("sha256").update(clientKey).digest("base64");
    const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
    return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
