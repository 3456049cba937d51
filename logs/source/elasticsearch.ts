import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import type { Hit } from "../line";
import type { Address } from "./portForward";

/** How an Elasticsearch is reached. */
export interface Access {
    /** Its URL, with the name that requests and the certificate have. */
    url: URL;
    /** The data stream, or the pattern of the daily indices. */
    search: string;
    /** Value of the header `Authorization`. */
    authorization?: string;
    /** PEM certificates of the authority; undefined: those that Node has. */
    ca?: string;
    /** Where to connect to, before each request. */
    address: () => Address | Promise<Address>;
    /** Called when a request got no answer, so that the next one gets a connection of its own. */
    lost?: () => void;
    close?: () => void;
}

/** A request that Elasticsearch answered with an error. */
export class Refused extends Error {
    constructor(
        readonly status: number,
        message: string,
    ) {
        super(message);
    }
}

/** What a search answers. */
export interface Answer {
    hits: { hits: Hit[]; total?: { value: number } };
    aggregations?: unknown;
}

/** How long a request may take, in ms. */
const patience = 60_000;

/**
 * An Elasticsearch, or what speaks as it does, asked from this machine.
 *
 * Through Node's own client: `fetch` can neither trust another authority nor connect to an address under another name,
 * and the package @elastic/elasticsearch turns down every server that is not Elastic's own.
 */
export class Elasticsearch {
    constructor(private readonly access: Access) {}

    close() {
        this.access.close?.();
    }

    /** @throws also where a part of the indices could not be searched: half an answer would look like a whole one */
    async search(body: object): Promise<Answer> {
        const path = `/${this.access.search}/_search?ignore_unavailable=true&allow_partial_search_results=false`;
        return (await this.post(path, body)) as Answer;
    }

    async count(query: object): Promise<number> {
        const { hits } = await this.search({ size: 0, track_total_hits: true, query });
        return hits.total!.value;
    }

    private async post(path: string, body: object): Promise<unknown> {
        const { url } = this.access;
        let answer: { status: number; text: string };
        try {
            answer = await this.send(await this.access.address(), path, JSON.stringify(body));
        } catch (error) {
            this.access.lost?.();
            throw new Error(`Elasticsearch at ${url.origin} does not answer: ${(error as Error).message}`, {
                cause: error,
            });
        }
        const { status, text } = answer;
        if (status === 401)
            throw new Refused(status, `Elasticsearch at ${url.origin} does not accept the stack's credentials`);
        if (status !== 200)
            throw new Refused(status, `Elasticsearch at ${url.origin} answered ${status}: ${reasonOf(text)}`);
        return JSON.parse(text) as unknown;
    }

    private send({ host, port }: Address, path: string, body: string) {
        const { url, authorization, ca } = this.access;
        const options = {
            ...{ host, port, path, method: "POST", timeout: patience },
            ...(url.protocol === "https:" && { servername: url.hostname, ...(ca !== undefined && { ca }) }),
            headers: {
                host: url.host,
                "content-type": "application/json",
                "content-length": Buffer.byteLength(body),
                ...(authorization !== undefined && { authorization }),
            },
        };
        return new Promise<{ status: number; text: string }>((resolve, reject) => {
            const sent = (url.protocol === "https:" ? encrypted : plain)(options, (answer) => {
                const chunks: Buffer[] = [];
                answer.on("data", (chunk: Buffer) => chunks.push(chunk));
                answer.on("error", reject);
                answer.on("end", () => {
                    resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
                });
            });
            sent.on("error", reject);
            sent.on("timeout", () => sent.destroy(new Error(`no answer within ${patience / 1000} s`)));
            sent.end(body);
        });
    }
}

/** Why Elasticsearch says that it cannot, in one line. */
function reasonOf(text: string): string {
    try {
        const { error } = JSON.parse(text) as { error?: { reason?: string; root_cause?: { reason?: string }[] } };
        return error?.root_cause?.[0]?.reason ?? error?.reason ?? text.slice(0, 300);
    } catch {
        return text.slice(0, 300).replace(/\s+/g, " ");
    }
}
