import type { KeyName } from "../../stacks/keys";
import type { Change, FieldChange } from "../change";
import { effect, type Effect, type Level } from "../effect";

/** The name of a resource in the program. */
type ResourceName = `${"postgres" | "elasticsearch" | "delivery-proof"}-${string}`;

/** A key of the stack's configuration, or a member of one. */
export type Setting = KeyName | `${KeyName}.${string}`;

/** The effects of a change of one field. */
export interface FieldRule {
    /** Matches the path of the field. */
    at: RegExp;
    /** The setting that the field comes from; undefined if only an edit of the program changes it. */
    setting?: Setting | ((field: FieldChange) => Setting | undefined);
    /** The field holds the setting's value, so the report shows it. */
    isSetting?: true;
    effects: (field: FieldChange, change: Change, plan: readonly Change[]) => Effect[];
    /**
     * Settings and resources that determine this field. If one of them changes too, its row reports the effects. If none
     * does, somebody changed the field itself, and this rule's effects apply.
     */
    follows?: readonly (Setting | ResourceName)[];
    /** False if the field does not have the value that its leaders give it. Then this rule's effects apply too. */
    agrees?: Agrees;
}

/** Whether a field has the value that the other fields and objects of a plan give it. */
export type Agrees = (field: FieldChange, change: Change, plan: readonly Change[]) => boolean;

/** The effects of creating, deleting or replacing an object, and of changing its fields. */
export interface ObjectRules {
    create: (change: Change, plan: readonly Change[]) => Effect[];
    delete: (change: Change, plan: readonly Change[]) => Effect[];
    replace: (change: Change, plan: readonly Change[]) => Effect[];
    fields: FieldRule[];
    /** What is wrong with the object as it will be, whether a changed field is the reason or not. */
    wrong?: (change: Change, plan: readonly Change[]) => Wrong[];
}

/** A field of an object that does not work with its value. */
export interface Wrong {
    path: string;
    setting: Setting;
    effect: Effect;
}

/** `*` matches one name in a path, or in brackets part of a name; `**` matches any number of names. */
function pattern(at: string): RegExp {
    const text = at.replace(/\[([^\]]*)\]|\*\*|\*|[.]/g, (token, inBrackets?: string) => {
        if (inBrackets !== undefined) return `\\[${inBrackets.replaceAll(".", "\\.").replaceAll("*", "[^\\]]+")}\\]`;
        return token === "**" ? ".*" : token === "*" ? "[^.[\\]]+" : "\\.";
    });
    return new RegExp(`^${text}$`);
}

type Says = string | ((field: FieldChange) => string);

/** A field that holds a setting's value. */
export function set(at: string, setting: FieldRule["setting"], level: Level, says: Says): FieldRule {
    return { ...edit(at, level, says), setting, isSetting: true };
}

/** One of several fields that a setting determines. */
export function part(at: string, setting: FieldRule["setting"], level: Level, says: Says): FieldRule {
    return { ...edit(at, level, says), setting };
}

/** A field that only an edit of the program changes. */
export function edit(at: string, level: Level, says: Says): FieldRule {
    return { at: pattern(at), effects: (field) => [effect(level, typeof says === "string" ? says : says(field))] };
}

/** A field that changes with settings or resources that have their own rules. */
export function follows(at: string, ...leaders: NonNullable<FieldRule["follows"]>): FieldRule {
    return { ...edit(at, "unknown", notLed), follows: leaders };
}

/** A field that changes with settings or resources, if it has the value that they give it. */
export function derived(at: string, leaders: NonNullable<FieldRule["follows"]>, agrees: Agrees): FieldRule {
    return { ...follows(at, ...leaders), agrees };
}

/** The effect of a field that changed without its leaders, or not as they do. */
export const notLed = "It did not change with the settings that it follows: check it.";

/** A field whose effects depend on its values. */
export function judged(
    at: string,
    setting: FieldRule["setting"],
    effects: (field: FieldChange, change: Change, plan: readonly Change[]) => Effect | Effect[],
): FieldRule {
    return {
        at: pattern(at),
        setting,
        ...(setting !== undefined && { isSetting: true as const }),
        effects: (field, change, plan) => [effects(field, change, plan)].flat(),
    };
}

/** An operation without effects. */
export const nothing = () => [];

/** A value as text in a sentence. */
export function shown(value: unknown): string {
    if (value === undefined || value === "") return "none";
    return typeof value === "string" ? value : JSON.stringify(value);
}

/** `from → to`. */
export function shift({ from, to }: FieldChange): string {
    return `${shown(from)} → ${shown(to)}`;
}
