import type { KeyName, Values } from "./keys";

/** A key whose value does not fit the values of other keys. */
export interface Conflict {
    key: KeyName;
    /** The member of the key's object that does not fit. */
    member?: string;
    /** The value that came. The loader prints it, unless it is stored encrypted. */
    came: { value: unknown } | "set" | "not set";
    must: string;
    /** Arguments of `pulumi config`; any one of them solves the conflict. */
    fix: string[];
}

/** A rule between keys. */
export interface ConflictRule {
    check: (values: Values) => Iterable<Conflict>;
}
