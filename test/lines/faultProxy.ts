import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, createServer, request, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "../e2e/run";
import { without } from "./without";

/** Elasticsearch's answer. */
export interface Answer {
    status: number;
    headers: IncomingHttpHeaders;
    body: Buffer;
}

/** A bulk request, with which a fault can do anything. */
export interface Exchange {
    headers: IncomingHttpHeaders;
    body: Buffer;
    response: ServerResponse;
    /** Forwards it, unchanged or with a different body. */
    forward: (body?: Buffer, headers?: IncomingHttpHeaders) => Promise<Answer>;
}

/** Answers a bulk request in place of Elasticsearch. An exception closes the connection. */
export type Fault = (exchange: Exchange) => Promise<void> | void;

/**
 * A proxy between the shipper and Elasticsearch that makes faults. It listens on an address of this machine that Pods can
 * reach.
 */
export class FaultProxy {
    private fault?: Fault;
    /** Bulk requests that met the current fault. */
    private struck = 0;
    /** Bulk requests that Elasticsearch answered. */
    passed = 0;
    port = 0;
    private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });
    private readonly server = createServer((incoming, response) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("error", () => undefined);
        incoming.on("end", () => {
            const { method = "GET", url = "/", headers } = incoming;
            const body = Buffer.concat(parts);
            const forward: Exchange["forward"] = (otherBody = body, otherHeaders = headers) =>
                this.send(method, url, otherHeaders, otherBody);
            this.answer(url, { headers, body, response, forward }).catch(() => response.destroy());
        });
    });

    /** The forwarded requests. */
    readonly username = "ledger";
    readonly password = randomBytes(12).toString("hex");
    /** Elasticsearch's address. Without it every connection is closed. */
    target?: { host: string; port: number; authorization: string };

    constructor() {
        this.server.keepAliveTimeout = 60_000;
    }

    async listen() {
        this.server.listen(this.port);
        await once(this.server, "listening");
        this.port = (this.server.address() as AddressInfo).port;
    }

    /** Refuses new connections and closes existing ones, until it listens again. */
    async refuse() {
        const closed = once(this.server, "close");
        this.server.close();
        this.server.closeAllConnections();
        await closed;
    }

    async stop() {
        this.agent.destroy();
        if (this.server.listening) await this.refuse();
    }

    /** Lets a fault meet a number of bulk requests, then ends it. */
    async strike(fault: Fault, times: number) {
        this.struck = 0;
        this.fault = async (exchange) => {
            this.struck += 1;
            await fault(exchange);
        };
        try {
            const what = `${times} bulk requests that meet the fault`;
            await until(
                what,
                () => Promise.resolve(this.struck),
                (struck) => struck >= times,
            );
        } finally {
            this.fault = undefined;
        }
    }

    private async answer(path: string, exchange: Exchange) {
        const own = `Basic ${Buffer.from(`${this.username}:${this.password}`).toString("base64")}`;
        if (exchange.headers.authorization !== own) {
            exchange.response.writeHead(401).end('{"error":"unknown credentials"}');
            return;
        }
        const isBulk = path.includes("_bulk");
        if (isBulk && this.fault) {
            await this.fault(exchange);
            return;
        }
        const { status, headers, body } = await exchange.forward();
        if (isBulk) this.passed += 1;
        exchange.response.writeHead(status, headers).end(body);
    }

    private async send(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer) {
        const kept = without(headers, "connection", "transfer-encoding"); // they belong to the other connection
        const { target } = this;
        if (target === undefined) throw new Error("Elasticsearch is not there yet");
        const { host, port, authorization } = target;
        return new Promise<Answer>((resolve, reject) => {
            const onward = request(
                {
                    ...{ host, port, method, path, agent: this.agent, timeout: 20_000 },
                    headers: { ...kept, authorization, "content-length": body.length },
                },
                (answer) => {
                    const parts: Buffer[] = [];
                    answer.on("data", (part: Buffer) => parts.push(part));
                    answer.on("error", reject);
                    answer.on("end", () => {
                        resolve({
                            status: answer.statusCode ?? 502,
                            headers: without(answer.headers, "connection", "transfer-encoding", "content-length"),
                            body: Buffer.concat(parts),
                        });
                    });
                },
            );
            onward.on("timeout", () => onward.destroy(new Error("Elasticsearch does not answer")));
            onward.on("error", reject);
            onward.end(body);
        });
    }
}
