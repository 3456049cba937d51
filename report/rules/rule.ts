import type { KeyName } from "../../stacks/keys";
import type { Change, FieldChange } from "../change";
import { effect, type Effect, type Level } from "../effect";

/** Name of a resource in the program. */
type ResourceName = `${"postgres" | "elasticsearch" | "delivery-proof"}-${string}`;

/** A key of the stack's configuration, or a member of one. */
export type Setting = KeyName | `${KeyName}.${string}`;

/** What it means that a field differs. */
export interface FieldRule {
    /** Matches the path of the field. */
    at: RegExp;
    /** The setting that the field comes from; none for what only an edit of the program changes. */
    setting?: Setting | ((field: FieldChange) => Setting | undefined);
    /** The field says what the setting is: its values stand in the report for the setting's. */
    isSetting?: true;
    effects: (field: FieldChange, change: Change) => Effect[];
    /**
     * Settings, and names of resources, that the field follows: where one of them changes too, what there is to say is
     * said there. Where none does, somebody changed the field itself, and the effects are what that means.
     */
    follows?: readonly (Setting | ResourceName)[];
}

/** What it means that an object of a kind comes, goes or is made anew, and that one of its fields differs. */
export interface ObjectRules {
    create: (change: Change) => Effect[];
    delete: (change: Change) => Effect[];
    replace: (change: Change) => Effect[];
    fields: FieldRule[];
}

/** `*` is one name in a path, or in brackets any part of one; `**` any number of names. */
function pattern(at: string): RegExp {
    const text = at.replace(/\[([^\]]*)\]|\*\*|\*|[.]/g, (token, inBrackets?: string) => {
        if (inBrackets !== undefined) return `\\[${inBrackets.replaceAll(".", "\\.").replaceAll("*", "[^\\]]+")}\\]`;
        return token === "**" ? ".*" : token === "*" ? "[^.[\\]]+" : "\\.";
    });
    return new RegExp(`^${text}$`);
}

type Says = string | ((field: FieldChange) => string);

/** A field that a setting decides. */
export function set(at: string, setting: FieldRule["setting"], level: Level, says: Says): FieldRule {
    return { ...edit(at, level, says), setting, isSetting: true };
}

/** A field that follows from a setting as one of several. */
export function part(at: string, setting: FieldRule["setting"], level: Level, says: Says): FieldRule {
    return { ...edit(at, level, says), setting };
}

/** A field that only an edit of the program changes. */
export function edit(at: string, level: Level, says: Says): FieldRule {
    return { at: pattern(at), effects: (field) => [effect(level, typeof says === "string" ? says : says(field))] };
}

/** A field that changes with settings or resources that have rules of their own. */
export function follows(at: string, ...leaders: NonNullable<FieldRule["follows"]>): FieldRule {
    return { ...edit(at, "unknown", "It changed without what it follows from: look."), follows: leaders };
}

/** A field whose consequence depends on its values. */
export function judged(
    at: string,
    setting: FieldRule["setting"],
    effects: (field: FieldChange, change: Change) => Effect | Effect[],
): FieldRule {
    return {
        at: pattern(at),
        setting,
        ...(setting !== undefined && { isSetting: true as const }),
        effects: (field, change) => [effects(field, change)].flat(),
    };
}

/** Nothing to say of an operation. */
export const nothing = () => [];

/** A value in a sentence. */
export function shown(value: unknown): string {
    if (value === undefined || value === "") return "none";
    return typeof value === "string" ? value : JSON.stringify(value);
}

/** `from → to`. */
export function shift({ from, to }: FieldChange): string {
    return `${shown(from)} → ${shown(to)}`;
}
