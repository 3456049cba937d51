import type { Lane } from "./lane";
import type { Random } from "../../bench/pipeline/random";
import type { Part } from "./node";

/** A kind of fault. */
export interface Kind {
    name: string;
    /** The fault, as the end of a sentence "in this round …". */
    what: string;
    /** The stack that it needs: one beside its Elasticsearch, or one with the proxy in between. */
    stack: "direct" | "proxied";
    /** It reaches into the node, which only the local environment allows. */
    needsNode?: true;
    /** Processes that end a container with them. Kubernetes starts a container again at once only the first time. */
    ends?: readonly Part[];
    /** The shipper may need minutes to notice: the next round does not wait for this one's lines. */
    overlaps?: true;
    /** Lines in PostgreSQL's pipe that its collector has not written are lost with both: docs/logs.md. */
    cutsPipe?: true;
    /** More lines than the log volume holds: those that are missing must be as many as the log keeper counted. */
    exceeds?: true;
    /** One of the quick ones, for the end-to-end tests. */
    short?: true;
    /** Makes the fault, and comes back when it is over. Waits for conditions, for two minutes at most. */
    fault: (lane: Lane, random: Random) => Promise<void>;
}
