import { coerce, compare, type SemVer } from "semver";
import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { linesStop } from "./lines";
import { shown } from "./rule";

/** An image's parts. `version` is undefined if the tag does not begin with one. */
export interface Image {
    /** With the registry. */
    name: string;
    tag?: string;
    version?: SemVer;
}

export function image(text: string): Image {
    const [tagged = ""] = text.split("@");
    const [, name = tagged, tag] = /^(.*?)(?::([^:/]+))?$/.exec(tagged) ?? [];
    const version = /^v?\d/.test(tag ?? "") ? (coerce(tag) ?? undefined) : undefined;
    return { name, tag, version };
}

/** The last part of an image's name: a mirror has the same one. */
const program = ({ name }: Image) => name.split("/").at(-1)!;

const otherProgram = "An image of a different name may have a different program or layout: check it.";

/** A changed image of PostgreSQL. A data directory works only with the major version that created it. */
export function postgresImage({ from, to }: FieldChange): Effect {
    const [before, after] = [image(shown(from)), image(shown(to))];
    if (before.version === undefined || after.version === undefined)
        return effect(
            "unknown",
            "Its tag has no version. A different major version does not start on this data: check it.",
        );
    if (before.version.major !== after.version.major)
        return effect(
            "outage",
            `PostgreSQL ${before.version.major} stops, and PostgreSQL ${after.version.major} does not start on its data. Nothing is lost.`,
        );
    const [system, other] = [before, after].map(({ tag }) => tag!.split("-").slice(1).join("-"));
    if (system !== other)
        return effect(
            "unknown",
            "A different system's C library may sort text differently; indexes on text are then wrong until rebuilt: check it.",
        );
    if (program(before) !== program(after)) return effect("unknown", otherProgram);
    if (compare(after.version, before.version) < 0)
        return effect("security", "An older minor release lacks the fixes of bugs and security holes since then.");
    return effect("none", "If the node does not have the new image, it is pulled while PostgreSQL is down.");
}

/** The setting that determines the image: `images.postgres`, or the version for official images. */
export function imageSetting({ from, to }: FieldChange) {
    const official = [from, to].every((name) => image(shown(name)).name === "postgres");
    return official ? ("postgresVersion" as const) : ("images.postgres" as const);
}

/** The last minor release of a major version of Elasticsearch, on whose data the next major version starts. */
const lastMinor: Record<number, number> = { 7: 17, 8: 19 };

/**
 * A changed image of Elasticsearch. A node refuses data of a newer version, even of a newer patch release, and data of a
 * major version before the last one.
 * Source: https://github.com/elastic/elasticsearch/blob/v8.19.0/server/src/main/java/org/elasticsearch/env/NodeMetadata.java
 */
export function elasticsearchImage({ from, to }: FieldChange): Effect {
    const [before, after] = [image(shown(from)), image(shown(to))];
    const waits = "Lines wait in the shipper's queue.";
    if (before.version === undefined || after.version === undefined)
        return effect("unknown", "Its tag has no version. An older version does not start on this data: check it.");
    if (program(before) !== program(after)) return effect("unknown", otherProgram);
    const majors = after.version.major - before.version.major;
    if (compare(after.version, before.version) < 0 || majors > 1)
        return effect(
            "log-loss",
            `Elasticsearch ${after.version.version} never starts on the data of ${before.version.version}, which stays. ${linesStop}`,
        );
    if (majors === 1 && before.version.minor < (lastMinor[before.version.major] ?? Infinity))
        return effect(
            "unknown",
            `Elasticsearch ${after.version.major} starts only on data of the last minor release before it: check it.`,
        );
    if (compare(after.version, before.version) === 0)
        return effect("delivery", `The stack's own Elasticsearch restarts. ${waits}`);
    return effect("delivery", `A new version, which cannot be downgraded after its first start. ${waits}`);
}

/** A changed image of the shipper. */
export function shipperImage({ from, to }: FieldChange): Effect {
    const [before, after] = [image(shown(from)), image(shown(to))];
    const tested = "Exactly-once delivery is tested with the program's own version: check it.";
    if (before.version === undefined || after.version === undefined)
        return effect("unknown", `Its tag has no version. ${tested}`);
    if (program(before) !== program(after)) return effect("unknown", otherProgram);
    if (compare(after.version, before.version) < 0)
        return effect("unknown", `An older version may not read the queue of a newer one. ${tested}`);
    return after.version.major === before.version.major
        ? effect("none", "A newer version ships lines.")
        : effect("unknown", `A new major version ships lines. ${tested}`);
}

/** A changed image of curl, for the Jobs. */
export function clientImage({ from, to }: FieldChange, again: string): Effect {
    const [before, after] = [image(shown(from)), image(shown(to))];
    return after.version !== undefined && program(before) === program(after)
        ? effect("none", again)
        : effect("unknown", `${otherProgram} ${again}`);
}
