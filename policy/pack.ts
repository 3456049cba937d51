import type { Policies, PolicyResource } from "@pulumi/policy";
import { message, type Config, type Resource, type Rule } from "./rule";

/** Converts the rules to the policies that the engine runs. */
export function policies(rules: readonly Rule[], config: Config): Policies {
    return rules.map((rule) => {
        const { name, description, level, remediation } = rule;
        const described = { name, description, enforcementLevel: level, remediationSteps: remediation };
        if ("check" in rule)
            return {
                ...described,
                validateResource: (resource, report) => {
                    for (const finding of rule.check(resource)) report(message(rule, resource, finding));
                },
            };
        return {
            ...described,
            validateStack: ({ resources }, report) => {
                for (const { resource, ...finding } of rule.checkStack(resources.map(withSources), config))
                    report(message(rule, resource, finding), resource.urn);
            },
        };
    });
}

function withSources(resource: PolicyResource): Resource {
    return { ...resource, madeFrom: resource.propertyDependencies };
}
