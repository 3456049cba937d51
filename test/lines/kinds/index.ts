import type { Kind } from "../kind";
import { answers } from "./answers";
import { files } from "./files";
import { kills } from "./kills";
import { outages } from "./outages";

/**
 * All kinds of faults, in the order that each stack repeats. Kubernetes delays the second restart of a container in the
 * same Pod, so the Pod is replaced before that. The order keeps the number of replacements low.
 */
export const kinds: Kind[] = [...kills, ...files, ...outages, ...answers];
