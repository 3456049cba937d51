import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** The answers: real ones, a fixed status for every request, or refusal of some documents. */
export type Mood = "well" | 400 | 429 | 503 | "partly";

/** The parts of Elasticsearch that a shipper needs: `_bulk` with `create`, which stores each document once. */
export class FakeElasticsearch {
    /** Documents by id. */
    readonly documents = new Map<string, Record<string, unknown>>();
    /** Documents that came without an id. */
    withoutId = 0;
    /** Documents that were sent again after they had been stored. */
    repeated = 0;
    /** Requests that were answered with 429. */
    refused = 0;
    /** The largest number of simultaneous requests. */
    most = 0;
    mood: Mood = "well";
    /** Milliseconds that a request takes. */
    delay = 0;
    private underWay = 0;
    private readonly server = createServer((request, response) => {
        void this.answer(request, response);
    });

    /** Chosen at the first start, and kept. */
    port = 0;

    async start() {
        await new Promise<void>((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
        ({ port: this.port } = this.server.address() as AddressInfo);
    }

    /** Stops listening on its port. Its documents stay. */
    stop() {
        this.server.closeAllConnections();
        return new Promise((resolve) => this.server.close(resolve));
    }

    private async answer(request: IncomingMessage, response: ServerResponse) {
        const parts: Buffer[] = [];
        this.underWay += 1;
        this.most = Math.max(this.most, this.underWay);
        for await (const part of request) parts.push(part as Buffer);
        await new Promise((resolve) => setTimeout(resolve, this.delay));
        this.underWay -= 1;
        if (typeof this.mood === "number") {
            if (this.mood === 429) this.refused += 1;
            response.writeHead(this.mood).end("{}");
            return;
        }
        const body = Buffer.concat(parts);
        const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
        const lines = text.toString("utf8").split("\n");
        const statuses: number[] = [];
        for (let i = 0; i + 1 < lines.length; i += 2) statuses.push(this.take(lines[i]!, lines[i + 1]!, i));
        const items = statuses.map((status) => ({ create: { status } }));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ took: 1, errors: statuses.some((status) => status !== 201), items }));
    }

    private take(action: string, source: string, number: number): number {
        if (this.mood === "partly" && number % 20 === 0) return 429;
        const { _id: id } = (JSON.parse(action) as { create: { _id?: string } }).create;
        if (id === undefined) {
            this.withoutId += 1;
            return 201;
        }
        if (this.documents.has(id)) {
            this.repeated += 1;
            return 409;
        }
        this.documents.set(id, JSON.parse(source) as Record<string, unknown>);
        return 201;
    }
}
