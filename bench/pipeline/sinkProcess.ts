import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { bulkAnswer, BulkCounter } from "./bulk";
import { countLogRecords } from "./otlp";
import { usageOf } from "./processTree";
import type { FromSink, ToSink } from "./sinkMessages";

// A separate process that replaces Elasticsearch: it counts documents and accepts all of them.

const say = (message: FromSink) => process.send?.(message);

let documents = 0;
let watched: { pid: number; documents: number } | undefined;
let bytesOfClosed = 0;
const sockets = new Set<Socket>();

/** Reads the shipper's usage when the last document arrives. */
function checkArrival() {
    if (watched === undefined || documents < watched.documents) return;
    const { pid } = watched;
    watched = undefined;
    const usage = usageOf(pid);
    const open = [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0);
    say({ arrival: { ...usage, at: Date.now(), wireBytes: bytesOfClosed + open } });
}

const body = (request: IncomingMessage): Readable =>
    request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;

function answer(response: ServerResponse, type: string, text: string) {
    response.writeHead(200, {
        "content-type": type,
        "content-length": Buffer.byteLength(text),
        "x-elastic-product": "Elasticsearch",
    });
    response.end(text);
}

async function takeBulk(request: IncomingMessage, response: ServerResponse) {
    const counter = new BulkCounter();
    for await (const part of body(request)) counter.write(part as Buffer);
    const taken = counter.end();
    documents += taken;
    checkArrival();
    answer(response, "application/json", bulkAnswer(counter.operation, taken));
}

/** Elasticsearch also accepts OTLP (https://www.elastic.co/docs/manage-data/ingest/otlp-endpoint). */
async function takeOtlp(request: IncomingMessage, response: ServerResponse) {
    const parts: Buffer[] = [];
    for await (const part of body(request)) parts.push(part as Buffer);
    documents += countLogRecords(Buffer.concat(parts));
    checkArrival();
    answer(response, "application/x-protobuf", "");
}

async function serve(request: IncomingMessage, response: ServerResponse) {
    const [path = ""] = (request.url ?? "").split("?");
    if (request.method === "POST" && path.endsWith("/_bulk")) await takeBulk(request, response);
    else if (request.method === "POST" && path === "/_otlp/v1/logs") await takeOtlp(request, response);
    else answer(response, "application/json", "{}"); // a health check
}

const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
        say({ failure: (error as Error).message });
        response.writeHead(400);
        response.end();
    });
});
server.keepAliveTimeout = 300_000; // closing a connection between two requests would cost the shipper a retry
server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => {
        sockets.delete(socket);
        bytesOfClosed += socket.bytesRead;
    });
});
server.listen(0, "127.0.0.1", () => say({ port: (server.address() as AddressInfo).port }));

process.on("message", (message: ToSink) => {
    if ("ask" in message) {
        say({ documents });
        return;
    }
    watched = message.watch;
    checkArrival();
});
process.on("disconnect", () => process.exit());
setInterval(() => say({ progress: documents }), 500);
