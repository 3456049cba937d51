export const operations = ["create", "update", "replace", "delete"] as const;
/** An operation of `pulumi up` on one resource. A replacement deletes the old object and its content. */
export type Operation = (typeof operations)[number];

/** One field whose value differs. */
export interface FieldChange {
    /** Such as `spec.template.spec.containers[postgres].image` or `data[logging.conf].log_statement`. */
    path: string;
    /** Undefined if the field is absent. */
    from: unknown;
    to: unknown;
}

/** Stands for a value that is known only after the change. */
export const unknownYet = "[known after the change]";

/** One resource that `pulumi up` touches. */
export interface Change {
    urn: string;
    /** Pulumi's type, such as `kubernetes:core/v1:Service`. */
    type: string;
    /** Name in the program. */
    name: string;
    /** Name in the cluster, if known; undefined for a resource that is not a Kubernetes object. */
    objectName?: string;
    operation: Operation;
    /** True if the engine refuses to delete or replace it. */
    protected: boolean;
    /** True if a deletion leaves the object in the cluster, unmanaged. */
    retained: boolean;
    /** True if this change removes the protection. */
    unprotects: boolean;
    /** Inputs, with secrets as text in brackets. `before` is undefined for a creation, `after` for a deletion. */
    before?: Record<string, unknown>;
    after?: Record<string, unknown>;
    fields: FieldChange[];
}

/** The changes that `pulumi up` would make to a stack. */
export interface Plan {
    stack: string;
    changes: Change[];
    /** Errors that stopped the preview. */
    errors: string[];
}

/** `Kind name` of an object, as kubectl writes it, or type and name of any other resource. */
export function subject({ type, name, objectName }: Pick<Change, "type" | "name" | "objectName">): string {
    return `${type.split(":").at(-1)!} ${objectName ?? name}`;
}
