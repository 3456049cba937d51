/**
 * The message for an invalid value: the thing, the value, the rule, the fix.
 *
 * @param fix a command that the reader can paste
 */
export function refusal(thing: string, came: string, must: string, fix: string): string {
    return `${thing} is ${came}; it must be ${must}. Run: ${fix}`;
}
