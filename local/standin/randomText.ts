import { randomInt } from "node:crypto";

/** The arguments of a RandomPassword. The defaults are the official provider's. */
export interface TextArgs {
    length: number;
    lower?: boolean;
    upper?: boolean;
    numeric?: boolean;
    special?: boolean;
    overrideSpecial?: string;
    minLower?: number;
    minUpper?: number;
    minNumeric?: number;
    minSpecial?: number;
}

const classes = {
    lower: ["abcdefghijklmnopqrstuvwxyz", "minLower"],
    upper: ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "minUpper"],
    numeric: ["0123456789", "minNumeric"],
    special: ["!@#$%&*()-_=+[]{}<>:?", "minSpecial"],
} as const;

const pick = (characters: string) => characters.charAt(randomInt(characters.length));

/**
 * The rule that the arguments break; undefined if they are valid
 * (https://github.com/pulumi/pulumi-random/blob/v4.21.1/provider/cmd/pulumi-resource-random/schema.json, `length`).
 */
export function refusal(args: TextArgs): string | undefined {
    const names = Object.keys(classes) as (keyof typeof classes)[];
    if (names.every((name) => args[name] === false)) return `one of ${names.join(", ")} must be allowed`;
    const least = names.reduce((sum, name) => sum + (args[classes[name][1]] ?? 0), 0);
    return args.length >= Math.max(1, least) ? undefined : `must be at least ${Math.max(1, least)}, got ${args.length}`;
}

/** A random text with the required number of characters of each class. */
export function randomText(args: TextArgs): string {
    const allowed = (Object.keys(classes) as (keyof typeof classes)[])
        .filter((name) => args[name] !== false)
        .map((name) => {
            const [characters, minimum] = classes[name];
            const own = name === "special" ? (args.overrideSpecial ?? characters) : characters;
            return { characters: own, minimum: args[minimum] ?? 0 };
        });
    const text = allowed.flatMap(({ characters, minimum }) => Array.from({ length: minimum }, () => pick(characters)));
    const all = allowed.map(({ characters }) => characters).join("");
    while (text.length < args.length) text.push(pick(all));
    for (let last = text.length - 1; last > 0; last--) {
        const other = randomInt(last + 1);
        [text[last], text[other]] = [text[other]!, text[last]!];
    }
    return text.join("");
}
