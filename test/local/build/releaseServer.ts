import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { Checksum } from "../../../local/build/releases";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The first byte that a request wants. */
const start = ({ headers }: IncomingMessage) => Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? NaN);

/** Answers with a file, or with the requested part of it. */
export const file =
    (content: Buffer): Answer =>
    (request, response) => {
        const from = start(request);
        if (Number.isNaN(from)) return response.writeHead(200, { "content-length": content.length }).end(content);
        if (from >= content.length) return response.writeHead(416).end();
        const rest = content.subarray(from);
        response.writeHead(206, { "content-length": rest.length }).end(rest);
    };

/** Answers with a whole file, whatever part was requested. */
export const wholeFile =
    (content: Buffer): Answer =>
    (_, response) =>
        response.writeHead(200, { "content-length": content.length }).end(content);

/** A connection that breaks: the bytes before, and the next handler. */
interface Break {
    times: number;
    /** Bytes that each connection sends. */
    bytes: number;
    content: Buffer;
    /** The client's partial file. A connection breaks only after its bytes are in it. */
    partial: string;
    then: Answer;
}

/** Answers with some of the requested bytes, and breaks the connection. */
export function broken({ times, bytes, content, partial, then }: Break): Answer {
    let left = times;
    return (request, response) => {
        if (left-- <= 0) {
            then(request, response);
            return;
        }
        const from = start(request);
        const rest = content.subarray(Number.isNaN(from) ? 0 : from);
        response.writeHead(Number.isNaN(from) ? 200 : 206, { "content-length": rest.length });
        response.write(rest.subarray(0, bytes));
        const end = content.length - rest.length + bytes;
        const waiting = setInterval(() => {
            if (!existsSync(partial) || statSync(partial).size < end) return;
            clearInterval(waiting);
            response.destroy();
        }, 5);
    };
}

/** Breaks the connection before it sends anything. */
export const refuses: Answer = (_, response) => response.destroy();
export const hangs: Answer = () => undefined;
export const redirectTo =
    (path: string): Answer =>
    (_, response) =>
        response.writeHead(302, { location: path }).end();

/** A server on loopback in place of the hosts that have the releases. */
export class ReleaseServer {
    readonly answers: Record<string, Answer> = {};
    /** Each request as its path and the range that it asked for. */
    readonly seen: string[] = [];
    private readonly server = createServer((request, response) => {
        const path = request.url ?? "/";
        this.seen.push([path, ...(request.headers.range === undefined ? [] : [request.headers.range])].join(" "));
        const answer = this.answers[path];
        if (answer === undefined) response.writeHead(404).end();
        else answer(request, response);
    });

    async open() {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
    }

    get port() {
        return (this.server.address() as AddressInfo).port;
    }

    url(path: string) {
        return `http://127.0.0.1:${this.port}${path}`;
    }

    async close() {
        this.server.closeAllConnections();
        this.server.close();
        await once(this.server, "close");
    }
}

export const checksum = (content: Buffer, algorithm: Checksum["algorithm"] = "sha256"): Checksum => ({
    algorithm,
    hex: createHash(algorithm).update(content).digest("hex"),
});

/** A release in its published form: a compressed archive of files. */
export async function archive(files: Record<string, string>): Promise<Buffer> {
    const packed = pack();
    for (const [name, content] of Object.entries(files)) packed.entry({ name }, content);
    packed.finalize();
    return gzipSync(await buffer(packed));
}
