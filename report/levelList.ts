import { InvalidArgumentError } from "commander";
import { closest } from "fastest-levenshtein";
import { levelNames, type Level } from "./effect";

/**
 * The levels in the value of a command's option, separated by commas.
 *
 * @throws InvalidArgumentError for a name that is no level, with those that there are and the nearest one
 */
export function levelList(text: string): Level[] {
    const given = text
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
    const wrong = given.find((name) => !levelNames.includes(name as Level));
    if (wrong !== undefined)
        throw new InvalidArgumentError(
            `${wrong} is not one of ${levelNames.join(", ")}. The nearest is ${closest(wrong, levelNames)}.`,
        );
    return given as Level[];
}
