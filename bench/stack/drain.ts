import { found, logLines, pause, request, type Stack } from "./stack";

/** The speed at which a backlog arrives after an outage. */
export interface Drain {
    lines: number;
    /** Seconds from its first answer to the first line that a search finds. */
    first: number;
    /** Lines per second after that. */
    rate: number;
    /**
     * Lines per second that the same Elasticsearch accepts after the same restart, if sent directly, with two concurrent
     * requests.
     */
    possible: number;
}

/** Stops the stack's own Elasticsearch, logs lines, starts it again, and measures the arrival of the waiting lines. */
export async function drain(stack: Stack, lines: number): Promise<Drain> {
    const phrase = `drain ${Date.now().toString(36)}`;
    await takeAway(stack);
    const client = await stack.connect();
    for (let rest = lines; rest > 0; rest -= 5000) await logLines(client, phrase, Math.min(5000, rest));
    await client.end();
    await pause(20_000); // long enough for the longest retry delay
    await bringBack(stack);
    const back = Date.now();
    let first = 0;
    let count = 0;
    while (count < lines) {
        count = await found(stack, phrase).catch(() => count);
        if (count > 0 && first === 0) first = Date.now();
        await pause(100);
    }
    const rate = (lines / (Date.now() - first)) * 1000;
    return {
        lines,
        first: (first - back) / 1000,
        rate,
        possible: await possible(stack, phrase, lines),
    };
}

async function takeAway(stack: Stack) {
    await stack.kubectl("scale", "deployment/elasticsearch", "--replicas=0");
    const pods = ["--selector=app.kubernetes.io/name=elasticsearch", "--timeout=120s"];
    await stack.kubectl("wait", "pod", "--for=delete", ...pods);
}

/** Starts it, and returns as soon as it answers. */
async function bringBack(stack: Stack) {
    await stack.kubectl("scale", "deployment/elasticsearch", "--replicas=1");
    const answers = () =>
        request(stack, "/_cluster/health?wait_for_status=yellow&timeout=1s").then(Boolean, () => false);
    while (!(await answers())) await pause(50);
}

interface Hits {
    hits: { hits: { _source: object; sort: unknown[] }[] };
}

/** Documents per second that the stack's Elasticsearch accepts, measured by copying its documents to a new index. */
async function possible(stack: Stack, phrase: string, count: number): Promise<number> {
    const documents: object[] = [];
    let after: unknown[] | undefined;
    while (documents.length < count) {
        const { hits } = await request<Hits>(stack, `/${stack.elasticsearch.search}/_search`, {
            size: 5000,
            query: { match_phrase: { message: phrase } },
            sort: [{ "@timestamp": "asc" }, { "event.id": "asc" }],
            ...(after && { search_after: after }),
        });
        if (hits.hits.length === 0) break;
        documents.push(...hits.hits.map(({ _source }) => _source));
        after = hits.hits.at(-1)!.sort;
    }
    // A name that matches the stack's index template.
    const index = stack.elasticsearch.search.replace("*", `bench-${Date.now().toString(36)}`);
    const bodies: string[] = [];
    for (let i = 0; i < documents.length; i += 1500)
        bodies.push(
            documents
                .slice(i, i + 1500)
                .map((document, j) => `{"create":{"_id":"${i + j}"}}\n${JSON.stringify(document)}\n`)
                .join(""),
        );
    await takeAway(stack);
    await bringBack(stack);
    const start = Date.now();
    const send = async () => {
        for (let body = bodies.pop(); body !== undefined; body = bodies.pop())
            await request(stack, `/${index}/_bulk`, body);
    };
    await Promise.all([send(), send()]);
    return (documents.length / (Date.now() - start)) * 1000;
}
