/** Where a part of the environment comes from. */
export type Origin = "official" | "found" | "built" | "stand-in" | "missing";

/** A part that may come from several places, and where this one is from. */
export interface Part {
    name: string;
    version: string;
    origin: Origin;
    /** More about it, such as its path, or what to do where it is missing. */
    note: string;
}

/** A part in a few words, for example `CoreDNS v1.14.4 (official)`. */
export function renderPart({ name, version, origin }: Part) {
    return `${name} ${version} (${origin})`;
}
