import type { Lane } from "./lane";
import type { Random } from "../../bench/pipeline/random";
import type { Part } from "./node";

/** A kind of fault. */
export interface Kind {
    name: string;
    /** The fault, as the end of the sentence "in this round …". */
    what: string;
    /** The stack that it needs: the one beside Elasticsearch, or the one with the proxy in between. */
    stack: "direct" | "proxied";
    /** It acts on the node, which only the local environment allows. */
    needsNode?: true;
    /** Processes whose end also ends their container. Kubernetes restarts a container at once only the first time. */
    ends?: readonly Part[];
    /** The shipper may need minutes to notice, so the next round does not wait for this one's lines. */
    overlaps?: true;
    /** Lines in PostgreSQL's pipe that its collector has not written yet are lost with both processes: docs/logs.md. */
    cutsPipe?: true;
    /** More lines than the log volume can hold: the log keeper must have counted exactly the missing ones. */
    exceeds?: true;
    /** Part of the short form, for the end-to-end tests. */
    short?: true;
    /** Makes the fault, and returns when it is over. Waits for conditions, for at most two minutes. */
    fault: (lane: Lane, random: Random) => Promise<void>;
}
