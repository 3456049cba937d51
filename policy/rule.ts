/** A resource as the engine shows it to a policy, with its secrets unwrapped. */
export interface Resource {
    urn: string;
    type: string;
    name: string;
    /** What the program gave, completed by the provider; for a rule over the stack, what the provider answered. */
    props: object;
    opts: {
        protect: boolean;
        /** URN of the component that it belongs to. */
        parent?: string;
    };
    /** Only for a rule over the stack: the resources that each property was made from. */
    madeFrom?: Record<string, Resource[]>;
}

/** What the rules have to know of the stack's configuration. */
export interface Config {
    /** `pglog:protectData`; undefined where the language host hands over no configuration. */
    protectData?: boolean;
}

/** One place where a resource breaks a rule. */
export interface Finding {
    field: string;
    /** What is there, as text; never a secret. */
    came: string;
    must: string;
}

interface Described {
    /** By which the engine and its settings know the rule. */
    name: string;
    /** One sentence: the rule, and why. */
    description: string;
    /** Whether a violation stops the preview or is only shown. */
    level: "mandatory" | "advisory";
    /** What to do about a violation. */
    remediation: string;
}

/** A rule over one resource, asked before anything is done to that. */
export interface ResourceRule extends Described {
    check: (resource: Resource) => Iterable<Finding>;
}

/** A rule over all resources together, asked at the end of a preview or update. */
export interface StackRule extends Described {
    checkStack: (resources: Resource[], config: Config) => Iterable<Finding & { resource: Resource }>;
}

export type Rule = ResourceRule | StackRule;

/** What a violation says: the object, the field, the value, the rule, the fix. */
export function message(rule: Rule, resource: Resource, { field, came, must }: Finding): string {
    const kind = resource.type.replace(/^.*[:/]/, "");
    return `${kind} "${resource.name}": ${field} is ${came}; it must be ${must}. ${rule.remediation}`;
}

/** A value as a message shows it. */
export function literal(value: unknown): string {
    return value === undefined ? "not set" : JSON.stringify(value);
}
