import type { Kind } from "../kind";
import { answers } from "./answers";
import { files } from "./files";
import { kills } from "./kills";
import { outages } from "./outages";

/**
 * All kinds of faults, in the order in which a stack meets them again and again. A container that is killed a second time
 * in a Pod's life is started again only after a while, so the Pod is replaced where that would come: the fewer times the
 * better.
 */
export const kinds: Kind[] = [...kills, ...files, ...outages, ...answers];
