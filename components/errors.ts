/**
 * A value that cannot be, in the words of every such message of the program: the thing, what came, the rule, the fix.
 *
 * @param fix a command that can be pasted
 */
export function refusal(thing: string, came: string, must: string, fix: string): string {
    return `${thing} is ${came}; it must be ${must}. Run: ${fix}`;
}
