export const operations = ["create", "update", "replace", "delete"] as const;
/** What `pulumi up` does to one resource. A replacement deletes the old object, with whatever is in it. */
export type Operation = (typeof operations)[number];

/** One value that differs. */
export interface FieldChange {
    /** Such as `spec.template.spec.containers[postgres].image` or `data[logging.conf].log_statement`. */
    path: string;
    /** Undefined where it is not there. */
    from: unknown;
    to: unknown;
}

/** Stands for a value that is known only when the change has been made. */
export const unknownYet = "[known after the change]";

/** One resource that `pulumi up` touches. */
export interface Change {
    urn: string;
    /** Pulumi's type, such as `kubernetes:core/v1:Service`. */
    type: string;
    /** Name in the program. */
    name: string;
    /** Name in the cluster, as far as it is known; none for what is no object. */
    objectName?: string;
    operation: Operation;
    /** The engine refuses to delete or replace it. */
    protected: boolean;
    /** Its deletion leaves the object in the cluster, where nothing manages it any more. */
    retained: boolean;
    /** The protection of data that this change takes away. */
    unprotects: boolean;
    /** Inputs; a secret is a text in brackets. None before a creation, none after a deletion. */
    before?: Record<string, unknown>;
    after?: Record<string, unknown>;
    fields: FieldChange[];
}

/** What `pulumi up` would do to a stack. */
export interface Plan {
    stack: string;
    changes: Change[];
    /** Why it could not be planned to its end. */
    errors: string[];
}

/** `Kind name` of an object, as kubectl says it, or type and name of what is no object. */
export function subject({ type, name, objectName }: Pick<Change, "type" | "name" | "objectName">): string {
    return `${type.split(":").at(-1)!} ${objectName ?? name}`;
}
