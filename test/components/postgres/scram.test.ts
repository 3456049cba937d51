import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { scramVerifier } from "../../../components/postgres/scram";

const hmac = (key: Buffer | string, text: Buffer | string) => createHmac("sha256", key).update(text).digest();
const sha256 = (text: Buffer) => createHash("sha256").update(text).digest();
const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, i) => byte ^ b[i]!));

/** `Hi` of RFC 5802, written out. */
function hi(password: string, salt: Buffer, iterations: number): Buffer {
    let u = hmac(password, Buffer.concat([salt, Buffer.from([0, 0, 0, 1])]));
    let result = u;
    for (let i = 1; i < iterations; i += 1) {
        u = hmac(password, u);
        result = xor(result, u);
    }
    return result;
}

/**
 * The client's proof, and the signature that it expects from the server:
 * https://www.rfc-editor.org/rfc/rfc5802#section-3
 */
function client(password: string, salt: Buffer, iterations: number, authMessage: string) {
    const salted = hi(password, salt, iterations);
    const clientKey = hmac(salted, "Client Key");
    return {
        proof: xor(clientKey, hmac(sha256(clientKey), authMessage)),
        serverSignature: hmac(hmac(salted, "Server Key"), authMessage),
    };
}

/** Plays both sides: a server with only the verifier accepts the client, and the client recognises the server. */
function logsIn(password: string, verifier: string): boolean {
    const [, iterations, salt, storedKey, serverKey] =
        /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]{44}):([A-Za-z0-9+/=]{44})$/.exec(verifier) ?? [];
    const authMessage = "n=app,r=client,r=clientserver,s=salt,i=4096,c=biws,r=clientserver";
    const { proof, serverSignature } = client(password, Buffer.from(salt!, "base64"), Number(iterations), authMessage);
    const stored = Buffer.from(storedKey!, "base64");
    return (
        sha256(xor(proof, hmac(stored, authMessage))).equals(stored) &&
        hmac(Buffer.from(serverKey!, "base64"), authMessage).equals(serverSignature)
    );
}

describe("scram", () => {
    it("is tested by a client that reproduces the exchange in RFC 7677", () => {
        const authMessage =
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        const { proof, serverSignature } = client(
            "pencil",
            Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"),
            4096,
            authMessage,
        );
        assert.equal(proof.toString("base64"), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assert.equal(serverSignature.toString("base64"), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    });

    for (const password of ["pencil", "abcXYZ0123456789abcXYZ0123456789", ` "\\':$,`])
        it(`makes a verifier that accepts ${JSON.stringify(password)} and no other password`, () => {
            const verifier = scramVerifier(password);
            assert.equal(logsIn(password, verifier), true);
            assert.equal(logsIn(`${password}x`, verifier), false);
        });

    it("makes the same verifier from the same password, with its own salt and without the password", () => {
        const verifier = scramVerifier("pencil");
        assert.equal(scramVerifier("pencil"), verifier);
        assert.equal(verifier.includes("pencil"), false);
        const saltOf = (text: string) => text.split(/[:$]/)[2];
        assert.notEqual(saltOf(scramVerifier("pencils")), saltOf(verifier));
        assert.equal(Buffer.from(saltOf(verifier)!, "base64").length, 16);
    });
});
