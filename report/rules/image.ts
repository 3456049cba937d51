import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { shown } from "./rule";

/** Name, tag and digest of an image, and the major version if the tag begins with one. */
export function image(text: string) {
    const [tagged = "", digest] = text.split("@");
    const [, name = tagged, tag] = /^(.*?)(?::([^:/]+))?$/.exec(tagged) ?? [];
    const major = /^v?(\d+)/.exec(tag ?? "")?.[1];
    return { name, tag, digest, major: major === undefined ? undefined : Number(major) };
}

/** A changed image of PostgreSQL. A data directory works only with the major version that created it. */
export function postgresImage({ from, to }: FieldChange): Effect {
    const [before, after] = [image(shown(from)), image(shown(to))];
    if (before.major === undefined || after.major === undefined)
        return effect(
            "unknown",
            "Its tag has no version. A different major version does not start on this data: check it.",
        );
    if (before.major !== after.major)
        return effect(
            "outage",
            `PostgreSQL ${before.major} stops, and PostgreSQL ${after.major} does not start on its data. Nothing is lost.`,
        );
    const [system, other] = [before, after].map(({ tag }) => tag!.split("-").slice(1).join("-"));
    if (system !== other)
        return effect(
            "unknown",
            "A different system's C library may sort text differently; indexes on text are then wrong until rebuilt: check it.",
        );
    return effect("none", "If the node does not have the new image, it is pulled while PostgreSQL is down.");
}

/** The setting that determines the image: `images.postgres`, or the version for official images. */
export function imageSetting({ from, to }: FieldChange) {
    const official = [from, to].every((name) => image(shown(name)).name === "postgres");
    return official ? ("postgresVersion" as const) : ("images.postgres" as const);
}
