import { Client } from "pg";
import { setTimeout as delay } from "node:timers/promises";
import type { Ledger } from "./ledger";

/** Connections of one stack. A broken connection may take seconds to notice; the others continue. */
const sessions = 6;
/** Statements a second, on all connections together. More would take CPU that Elasticsearch needs. */
const rate = 650;
/** Length of the intervals in which acknowledgements are counted, in milliseconds. */
const bucket = 100;

/** Runs numbered statements at an even rate, and records each number once it is acknowledged. */
export class Clients {
    /** Characters that make each statement longer. */
    padding = 100;
    private stopped = false;
    private nextTurn = 0;
    private readonly acknowledged = new Map<number, number>();
    private running: Promise<unknown> = Promise.resolve();

    /** @param label word before each number, which marks the documents of this run */
    constructor(
        private readonly ledger: Ledger,
        private readonly uri: string,
        private readonly label: string,
    ) {}

    start() {
        this.running = Promise.all(Array.from({ length: sessions }, () => this.session()));
    }

    async stop() {
        this.stopped = true;
        await this.running;
    }

    /** Statements that were acknowledged in the last seconds. */
    acknowledgedIn(seconds: number): number {
        const first = Math.floor((Date.now() - seconds * 1000) / bucket);
        let sum = 0;
        for (const [time, count] of this.acknowledged)
            if (time > first) sum += count;
            else this.acknowledged.delete(time);
        return sum;
    }

    private async session() {
        while (!this.stopped) {
            const client = new Client({
                connectionString: this.uri,
                connectionTimeoutMillis: 3000,
                query_timeout: 10_000,
            });
            client.on("error", () => undefined); // the running statement fails too
            try {
                await client.connect();
                await this.statements(client);
                await client.end();
            } catch {
                // The server may not answer, so the connection is cut.
                (
                    client as unknown as { connection: { stream: NodeJS.WritableStream & { destroy(): void } } }
                ).connection.stream //
                    .destroy();
                await delay(100);
            }
        }
    }

    private async statements(client: Client) {
        while (!this.stopped) await this.statement(client);
    }

    private async statement(client: Client) {
        await this.turn();
        const number = this.ledger.send();
        await client.query(`SELECT 'ledger ${this.label} ${number} ${"x".repeat(this.padding)}'`);
        this.ledger.note(number);
        const now = Math.floor(Date.now() / bucket);
        this.acknowledged.set(now, (this.acknowledged.get(now) ?? 0) + 1);
    }

    /** Waits for the next statement's time. It catches up on at most 20 ms of lost time. */
    private async turn() {
        const now = performance.now();
        this.nextTurn = Math.max(this.nextTurn + 1000 / rate, now - 20);
        if (this.nextTurn > now) await delay(this.nextTurn - now);
    }
}

/** The number in a document's message, if it is the line of a numbered statement. */
export function numberIn(message: string, label: string): number | undefined {
    const start = /^duration: [\d.]+ ms {2}statement: SELECT 'ledger (\w+) (\d+) /.exec(message.slice(0, 120));
    return start?.[1] === label ? Number(start[2]) : undefined;
}
