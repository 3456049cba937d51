import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { EnvHttpProxyAgent, fetch } from "undici";
import type { Checksum } from "./releases";

/** Seconds that an address may take to answer. */
export const answerLimit = 5;
/** Milliseconds without a byte after which a download counts as interrupted. */
const stallLimit = 30_000;

/** Runs requests that go through the proxy of HTTP_PROXY, HTTPS_PROXY and NO_PROXY, if these are set. */
async function withAgent<Result>(run: (agent: EnvHttpProxyAgent) => Promise<Result>) {
    const agent = new EnvHttpProxyAgent({ headersTimeout: stallLimit, bodyTimeout: stallLimit });
    try {
        return await run(agent);
    } finally {
        await agent.destroy(); // an address that does not answer would keep this process running
    }
}

/**
 * Finds the addresses that can be downloaded from. All are asked at the same time, for one byte: hosts with signed
 * download addresses answer only GET.
 *
 * @param limit seconds for all of them together
 */
export async function reachable(urls: string[], limit = answerLimit): Promise<Set<string>> {
    return withAgent(async (dispatcher) => {
        const signal = AbortSignal.timeout(limit * 1000);
        const answers = await Promise.all(
            urls.map(async (url) => {
                try {
                    const { ok, body } = await fetch(url, { headers: { range: "bytes=0-0" }, dispatcher, signal });
                    await body?.cancel();
                    return ok;
                } catch {
                    return false;
                }
            }),
        );
        return new Set(urls.filter((_, index) => answers[index]));
    });
}

/**
 * Downloads a file and checks it. A download continues what an earlier try left in `<file>.partial`. A broken connection
 * is opened again, as long as each one brings some bytes.
 *
 * @param file gets the content once it is complete and correct
 * @param onLine called with the progress
 * @throws if the address does not have the file, or if the checksum is wrong
 */
export async function download(url: string, checksum: Checksum, file: string, onLine: (line: string) => void) {
    const partial = `${file}.partial`;
    mkdirSync(dirname(file), { recursive: true });
    await withAgent(async (agent) => {
        for (;;) {
            const before = sizeOf(partial);
            try {
                await fetchRest(url, partial, agent, onLine);
                return;
            } catch (error) {
                if (sizeOf(partial) <= before) throw new Error(`${url}: ${reason(error)}`, { cause: error });
            }
        }
    });
    const got = await checksumOf(partial, checksum.algorithm);
    if (got !== checksum.hex) {
        rmSync(partial);
        throw new Error(`${url}: its ${checksum.algorithm} is ${got}, and ${checksum.hex} was expected`);
    }
    renameSync(partial, file);
}

function sizeOf(file: string) {
    return existsSync(file) ? statSync(file).size : 0;
}

/** Downloads the missing part of a file. A server that sends only whole files starts from the beginning. */
async function fetchRest(url: string, file: string, dispatcher: EnvHttpProxyAgent, onLine: (line: string) => void) {
    const there = sizeOf(file);
    // No compression in transit: the checksum is of the file as it is stored.
    const headers = { "accept-encoding": "identity", ...(there > 0 && { range: `bytes=${there}-` }) };
    const { ok, status, statusText, headers: answer, body } = await fetch(url, { dispatcher, headers });
    if (status === 416) return; // the file is complete
    if (!ok || body === null) throw new Error(`the answer is ${status} ${statusText}`.trim());
    const resumed = status === 206;
    let size = resumed ? there : 0;
    const whole = size + Number(answer.get("content-length") ?? NaN);
    const output = await open(file, resumed ? "a" : "w");
    try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
            await output.appendFile(chunk);
            if (megabytes(size) !== megabytes(size + chunk.length)) onLine(progress(url, size + chunk.length, whole));
            size += chunk.length;
        }
    } finally {
        await output.close();
    }
}

const megabytes = (bytes: number) => Math.floor(bytes / 1e6);

/** The progress of a download, for example `coredns.tgz: 3 of 20 MB`. */
function progress(url: string, size: number, whole: number) {
    const of = Number.isNaN(whole) ? "" : ` of ${Math.ceil(whole / 1e6)}`;
    return `${basename(new URL(url).pathname)}: ${megabytes(size)}${of} MB`;
}

async function checksumOf(file: string, algorithm: Checksum["algorithm"]) {
    const hash = createHash(algorithm);
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}

/** The reason of a failure. fetch only says that it failed; its cause has the reason. */
function reason(error: unknown) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
