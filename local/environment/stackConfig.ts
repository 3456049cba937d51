import { isDeepStrictEqual } from "node:util";

type Config = Record<string, unknown>;

/** The inputs of a stack's configuration in an environment. */
export interface Sources {
    /** The content of the environment's stack file. */
    own: Config;
    /** The content of the project's stack file, last time and now. */
    project: { before: Config; now: Config };
    /** The settings that the environment needed last time and needs now. */
    needed: { before: Config; now: Config };
}

/**
 * The new content of the environment's stack file. Settings made there stay, except those that changed in the project's
 * file since last time, and those that the environment needs. A setting that the environment needed last time and no
 * longer needs is removed, unless a user has changed it. If a setting is an object, such as `images`, each member is
 * treated separately.
 */
export function stackConfig({ own, project, needed }: Sources): Config {
    const [config, before, now] = [members(own), members(project.before), members(project.now)];
    const [neededBefore, needs] = [members(needed.before), members(needed.now)];
    for (const [path, value] of neededBefore)
        if (!needs.has(path) && isDeepStrictEqual(config.get(path), value)) put(config, path, now.get(path));
    for (const path of new Set([...before.keys(), ...now.keys()]))
        if (!isDeepStrictEqual(before.get(path), now.get(path))) put(config, path, now.get(path));
    for (const [path, value] of needs) put(config, path, value);
    return whole(config);
}

function put(config: Map<string, unknown>, path: string, value: unknown) {
    if (value === undefined) config.delete(path);
    else config.set(path, value);
}

const isObject = (value: unknown): value is Config =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !("secure" in value);

/** Separates a key from the name of a member. No key contains it. */
const separator = "\n";

/** Every setting. A setting that is an object is replaced by its members. */
function members(config: Config): Map<string, unknown> {
    return new Map(
        Object.entries(config).flatMap(([key, value]): [string, unknown][] =>
            isObject(value) && Object.keys(value).length > 0
                ? Object.entries(value).map(([name, member]) => [`${key}${separator}${name}`, member])
                : [[key, value]],
        ),
    );
}

function whole(config: Map<string, unknown>): Config {
    const made: Config = {};
    for (const [path, value] of config) {
        const [key, name] = path.split(separator) as [string, string?];
        if (name === undefined) made[key] ??= value;
        else made[key] = { ...(isObject(made[key]) ? made[key] : {}), [name]: value };
    }
    return made;
}
