import { isDeepStrictEqual } from "node:util";

type Config = Record<string, unknown>;

/** What the configuration of a stack in an environment follows from. */
export interface Sources {
    /** What the stack's file has. */
    own: Config;
    /** What the project's file had the last time, and has now. */
    project: { before: Config; now: Config };
    /** What the environment needed the last time, and needs now. */
    needed: { before: Config; now: Config };
}

/**
 * What the stack's file is to have. What was set there stays, but for what has changed in the project's file since the last
 * time, and for what the environment needs. What it needed the last time and does not need now goes, unless somebody has
 * changed it there. Each member of a setting that is an object, such as an image, is looked at on its own.
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

/** Between a key and the name of a member: no key has it, as a member's name may. */
const separator = "\n";

/** Every setting, and in the place of an object its members. */
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
