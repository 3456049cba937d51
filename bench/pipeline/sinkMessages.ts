import type { Usage } from "./processTree";

/** Measurements at the arrival of the last document. */
export interface Arrival extends Usage {
    /** Milliseconds since 1970. */
    at: number;
    /** All bytes of the requests, with their headers. */
    wireBytes: number;
}

/** Messages to the sink. */
export type ToSink = { watch: { pid: number; documents: number } } | { ask: "documents" };

/** Messages from the sink: its port, its count (each half second, and on request), the last arrival. */
export type FromSink =
    { port: number } | { progress: number } | { documents: number } | { arrival: Arrival } | { failure: string };
