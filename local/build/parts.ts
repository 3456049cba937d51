/** The place that a part of the environment comes from. */
export type Origin = "official" | "found" | "built" | "stand-in" | "missing";

/** A part of the environment, with its origin. */
export interface Part {
    name: string;
    version: string;
    origin: Origin;
    /** Details, such as its path, or how to get it if it is missing. */
    note: string;
}

/** A short description of a part, for example `CoreDNS v1.14.4 (official)`. */
export function renderPart({ name, version, origin }: Part) {
    return `${name} ${version} (${origin})`;
}
