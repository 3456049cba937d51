import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import type { Hit } from "../line";
import type { Address } from "./portForward";

/** The address and credentials of an Elasticsearch. */
export interface Access {
    /** Its URL, with the name that requests and the certificate use. */
    url: URL;
    /** The data stream, or the pattern of the daily indices. */
    search: string;
    /** Value of the header `Authorization`. */
    authorization?: string;
    /** PEM certificates of the authority; undefined: Node's own list. */
    ca?: string;
    /** Returns the address to connect to. Called before each request. */
    address: () => Address | Promise<Address>;
    /** Called when a request got no answer, so that the next one opens a new connection. */
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

/** A search result. */
export interface Answer {
    hits: { hits: Hit[]; total?: { value: number } };
    aggregations?: unknown;
}

/** Milliseconds that a request may take. */
const patience = 60_000;

/**
 * An Elasticsearch, or a server with the same API, for requests from this machine.
 *
 * It uses Node's own HTTP client. `fetch` cannot trust a private authority, and cannot connect to one address with the
 * name of a different one. The package @elastic/elasticsearch refuses every server that is not from Elastic.
 */
export class Elasticsearch {
    constructor(private readonly access: Access) {}

    close() {
        this.access.close?.();
    }

    /** @throws also if a part of the indices could not be searched, because half an answer would look complete */
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

/** Elasticsearch's reason, in one line. */
function reasonOf(text: string): string {
    try {
        const { error } = JSON.parse(text) as { error?: { reason?: string; root_cause?: { reason?: string }[] } };
        return error?.root_cause?.[0]?.reason ?? error?.reason ?? text.slice(0, 300);
    } catch {
        return text.slice(0, 300).replace(/\s+/g, " ");
    }
}
