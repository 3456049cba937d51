import { setTimeout as delay } from "node:timers/promises";
import { fieldOf, type Hit, type Search } from "./search";

/** The read position in one index. Sequence numbers have gaps only while operations are running. */
interface Position {
    /** Everything up to this sequence number was read. */
    upTo: number;
    /** Sequence numbers already read beyond the position. */
    beyond: Set<number>;
    /** When `upTo` last moved. */
    moved: number;
}

/**
 * After so many milliseconds a gap in the sequence numbers is no missing document: a restart of Elasticsearch fills
 * some.
 */
const patience = 30_000;

/** Lines of one PostgreSQL session, which are numbered from 1. */
interface Session {
    last: number;
    documents: number;
}

/**
 * Reads every document of a stack once, soon after it arrives, and passes on its message. It goes by Elasticsearch's
 * sequence numbers: by time, older lines would come after newer ones after a fault.
 */
export class Follower {
    /** Documents read. */
    documents = 0;
    /** Lines that the log keeper reported as lost. */
    countedLost = 0;
    /** Messages of the log keeper about lost lines. */
    readonly lossMessages: string[] = [];
    /** The last failed request's error. During an outage of Elasticsearch it is expected. */
    lastError = "";
    private stopped = false;
    private running: Promise<void> = Promise.resolve();
    private readonly positions = new Map<string, Position>();
    private readonly sessions = new Map<string, Session>();

    constructor(
        private readonly search: Search,
        private readonly pattern: string,
        private readonly onMessage: (message: string) => void,
    ) {}

    start() {
        this.running = this.follow();
    }

    async stop() {
        this.stopped = true;
        await this.running;
    }

    /** Numbers missing inside a session, for which there is no document. */
    holes(): number {
        let holes = 0;
        for (const { last, documents } of this.sessions.values()) holes += last - documents;
        return holes;
    }

    private async follow() {
        while (!this.stopped) {
            try {
                for (const index of await this.search.indices(this.pattern)) await this.read(index);
            } catch (error) {
                this.lastError = (error as Error).message;
            }
            await delay(1000);
        }
    }

    private async read(index: string) {
        const position = this.positions.get(index) ?? { upTo: -1, beyond: new Set(), moved: Date.now() };
        this.positions.set(index, position);
        for (let after = position.upTo, size = 1000; ;) {
            const hits = await this.search.after(index, after, size);
            for (const hit of hits) this.take(hit, position);
            if (hits.length < size) break;
            after = hits.at(-1)!._seq_no;
        }
        this.advance(position);
    }

    private take(hit: Hit, position: Position) {
        if (hit._seq_no <= position.upTo || position.beyond.has(hit._seq_no)) return;
        position.beyond.add(hit._seq_no);
        this.documents += 1;
        const message = fieldOf(hit._source, "message");
        const lost = fieldOf(hit._source, "pglog.lost.lines");
        if (typeof lost === "number") {
            this.countedLost += lost;
            this.lossMessages.push(String(message));
        }
        const [, session, line] = /^(.+:[0-9a-f]+\.[0-9a-f]+):(\d+)$/.exec(hit._id) ?? [];
        if (session !== undefined) this.line(session, Number(line));
        if (typeof message === "string") this.onMessage(message);
    }

    private line(name: string, number: number) {
        const session = this.sessions.get(name) ?? { last: 0, documents: 0 };
        session.last = Math.max(session.last, number);
        session.documents += 1;
        this.sessions.set(name, session);
    }

    private advance(position: Position) {
        const before = position.upTo;
        if (position.beyond.size > 0 && Date.now() - position.moved > patience)
            position.upTo = Math.min(...[...position.beyond].slice(0, 1000)) - 1;
        while (position.beyond.delete(position.upTo + 1)) position.upTo += 1;
        if (position.upTo !== before || position.beyond.size === 0) position.moved = Date.now();
    }
}
