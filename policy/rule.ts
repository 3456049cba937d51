/** A resource as the engine passes it to a policy, with secrets in clear text. */
export interface Resource {
    urn: string;
    type: string;
    name: string;
    /** The program's inputs with the provider's defaults; in a stack rule, the provider's outputs. */
    props: object;
    opts: {
        protect: boolean;
        /** URN of the parent component. */
        parent?: string;
    };
    /** Only in a stack rule: the resources that each property depends on. */
    madeFrom?: Record<string, Resource[]>;
}

/** The configuration that the rules read. */
export interface Config {
    /** `pglog:protectData`; undefined if the language host passes no configuration. */
    protectData?: boolean;
}

/** One violation of a rule. */
export interface Finding {
    field: string;
    /** The actual value as text; never a secret. */
    came: string;
    must: string;
}

interface Described {
    /** The rule's name in the engine and in policy settings. */
    name: string;
    /** One sentence with the rule and its reason. */
    description: string;
    /** A mandatory rule stops the preview; an advisory rule only warns. */
    level: "mandatory" | "advisory";
    /** The fix for a violation. */
    remediation: string;
}

/** A rule for one resource, checked before the resource is changed. */
export interface ResourceRule extends Described {
    check: (resource: Resource) => Iterable<Finding>;
}

/** A rule for all resources together, checked at the end of a preview or update. */
export interface StackRule extends Described {
    checkStack: (resources: Resource[], config: Config) => Iterable<Finding & { resource: Resource }>;
}

export type Rule = ResourceRule | StackRule;

/** The message of a violation: object, field, value, rule and fix. */
export function message(rule: Rule, resource: Resource, { field, came, must }: Finding): string {
    const kind = resource.type.replace(/^.*[:/]/, "");
    return `${kind} "${resource.name}": ${field} is ${came}; it must be ${must}. ${rule.remediation}`;
}

/** A value as JSON in a message. */
export function literal(value: unknown): string {
    return value === undefined ? "not set" : JSON.stringify(value);
}
