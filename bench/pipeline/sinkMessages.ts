import type { Usage } from "./processTree";

/** What was measured when the last document arrived. */
export interface Arrival extends Usage {
    /** Milliseconds since 1970. */
    at: number;
    /** All bytes of the requests, with their headers. */
    wireBytes: number;
}

/** What the sink is told. */
export type ToSink = { watch: { pid: number; documents: number } } | { ask: "documents" };

/** What it says: its port, how many documents it has (each half second, and when asked), the arrival of the last one. */
export type FromSink =
    { port: number } | { progress: number } | { documents: number } | { arrival: Arrival } | { failure: string };
