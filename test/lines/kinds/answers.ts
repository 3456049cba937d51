import { gunzipSync } from "node:zlib";
import type { Exchange, Fault } from "../faultProxy";
import type { Kind } from "../kind";
import type { Random } from "../../../bench/pipeline/random";
import { without } from "../without";

/** Refuses a request with a status, in Elasticsearch's format. */
function refuse(status: number, type: string): Fault {
    const body = JSON.stringify({ error: { type, reason: "made by the ledger" }, status });
    return ({ response }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(body);
    };
}

/** The items of the bulk request: a line that names the document, and the document. */
function itemsOf({ headers, body }: Exchange): string[][] {
    const plain = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    const lines = plain.toString("utf8").trimEnd().split("\n");
    return Array.from({ length: lines.length / 2 }, (_, i) => lines.slice(2 * i, 2 * i + 2));
}

interface BulkAnswer {
    errors: boolean;
    items: object[];
}

/** Forwards only some of the items, and answers for the others that Elasticsearch was too busy. */
function refuseSome(random: Random): Fault {
    return async (exchange) => {
        const items = itemsOf(exchange);
        const status = random.next() < 0.5 ? 429 : 503;
        const share = random.next();
        const refused = items.map(() => random.next() < share);
        const kept = items.filter((_, i) => !refused[i]);
        const body = Buffer.from(
            kept
                .flat()
                .map((line) => `${line}\n`)
                .join(""),
        );
        const headers = without(exchange.headers, "content-encoding");
        const answered = kept.length === 0 ? [] : itemsIn((await exchange.forward(body, headers)).body);
        const error = { type: "es_rejected_execution_exception", reason: "made by the ledger" };
        const all = items.map(([action], i) => {
            if (!refused[i]) return answered.shift()!;
            const [[operation, target]] = Object.entries(JSON.parse(action!) as Record<string, object>) as [
                [string, object],
            ];
            return { [operation]: { ...target, status, error } };
        });
        const answer: BulkAnswer = { errors: true, items: all };
        exchange.response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    };
}

const itemsIn = (body: Buffer) => (JSON.parse(body.toString("utf8")) as BulkAnswer).items;

/** Forwards the request, and starts an answer of its full length. The caller decides what follows after half of it. */
async function answerHalf({ forward, response }: Exchange) {
    const { status, headers, body } = await forward();
    response.writeHead(status, { ...headers, "content-length": body.length });
    response.write(body.subarray(0, body.length / 2));
}

/** Starts an answer without forwarding the request. */
function answerNothing({ response }: Exchange) {
    response.writeHead(200, { "content-type": "application/json", "content-length": 100_000 });
    response.write('{"took":1,"errors":false,"items":[');
}

/** Faults in the answers of Elasticsearch, or of something in front of it. */
export const answers: Kind[] = [
    {
        name: "answers-429",
        what: "each request is answered 429 (too many requests)",
        stack: "proxied",
        short: true,
        fault: (lane, random) =>
            lane.proxy.strike(refuse(429, "es_rejected_execution_exception"), random.between(5, 12)),
    },
    {
        name: "answers-503",
        what: "each request is answered 503 (unavailable)",
        stack: "proxied",
        fault: (lane, random) => lane.proxy.strike(refuse(503, "unavailable_shards_exception"), random.between(5, 12)),
    },
    {
        name: "partial-failures",
        what: "some documents of a request are stored, and others answered 429 or 503",
        stack: "proxied",
        short: true,
        fault: (lane, random) => lane.proxy.strike(refuseSome(random), random.between(5, 12)),
    },
    {
        name: "answer-never-ends",
        what: "half of an answer is sent, for a request that was done or not, and the connection stays open",
        stack: "proxied",
        overlaps: true,
        fault: (lane, random) => lane.proxy.strike(random.next() < 0.5 ? answerHalf : answerNothing, 1),
    },
    {
        name: "answer-cut",
        what: "requests are done, and their connections cut in the middle of the answer",
        stack: "proxied",
        short: true,
        fault: (lane, random) =>
            lane.proxy.strike(
                async (exchange) => {
                    await answerHalf(exchange);
                    exchange.response.destroy();
                },
                random.between(3, 8),
            ),
    },
    {
        name: "credentials-revoked",
        what: "the credentials are refused (401), and work again",
        stack: "proxied",
        fault: (lane, random) => lane.proxy.strike(refuse(401, "security_exception"), random.between(5, 12)),
    },
];
