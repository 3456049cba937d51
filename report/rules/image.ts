import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { shown } from "./rule";

/** Name, tag and digest of an image; the major version where the tag begins with one. */
export function image(text: string) {
    const [tagged = "", digest] = text.split("@");
    const [, name = tagged, tag] = /^(.*?)(?::([^:/]+))?$/.exec(tagged) ?? [];
    const major = /^v?(\d+)/.exec(tag ?? "")?.[1];
    return { name, tag, digest, major: major === undefined ? undefined : Number(major) };
}

/** Another image of PostgreSQL. The data stays with the major version it was made by. */
export function postgresImage({ from, to }: FieldChange): Effect {
    const [before, after] = [image(shown(from)), image(shown(to))];
    if (before.major === undefined || after.major === undefined)
        return effect("unknown", "Its tag does not say the version: another major version is refused at the start.");
    if (before.major !== after.major)
        return effect(
            "outage",
            `PostgreSQL ${after.major} is refused at the start on the data of ${before.major}, and ${before.major} is stopped. Nothing is lost.`,
        );
    const [system, other] = [before, after].map(({ tag }) => tag!.split("-").slice(1).join("-"));
    if (system !== other)
        return effect(
            "unknown",
            "Another system's C library may sort text otherwise; an index on text is then wrong until it is rebuilt: look.",
        );
    return effect("none", "The new image is pulled first while PostgreSQL is down, if the node does not have it.");
}

/** The setting that says the image: its own key, or the version. */
export function imageSetting({ from, to }: FieldChange) {
    const official = [from, to].every((name) => image(shown(name)).name === "postgres");
    return official ? ("postgresVersion" as const) : ("images.postgres" as const);
}
