import * as pulumi from "@pulumi/pulumi";
import { isKubernetes, objectOf, podOf } from "./kubernetes";
import { literal, type Resource, type ResourceRule, type StackRule } from "./rule";

/** Keys of Secrets that are not secret. */
const publicKeys = ["username", "database", "users_roles"];
/** Minimum length in characters. Shorter values occur in other texts by chance. */
const shortest = 8;

/**
 * A stack rule, because the Secrets tell which values are secret. In a preview, a password that is not generated yet has no
 * value; then the rule uses the dependencies of each property.
 */
export const secretsStayInSecrets: StackRule = {
    name: "secrets-stay-in-secrets",
    description:
        "No other object contains a value of a Secret, because everyone who may read Pods or ConfigMaps could read it there.",
    level: "mandatory",
    remediation: "Put it into a Secret and mount the Secret as a file.",
    *checkStack(resources) {
        const secrets = resources.flatMap(secretValues);
        const others = resources.filter((one) => isKubernetes(one) && objectOf(one, "core/v1:Secret") === undefined);
        for (const resource of others) {
            for (const [property, sources] of Object.entries(resource.madeFrom ?? {}))
                for (const { type, name } of sources)
                    if (type === "random:index/randomPassword:RandomPassword")
                        yield {
                            resource,
                            field: property,
                            came: `made from RandomPassword "${name}"`,
                            must: "free of secrets",
                        };
            for (const { path, text } of texts(resource.props)) {
                const found = secrets.find(({ value }) => text.includes(value));
                if (found)
                    yield {
                        resource,
                        field: place(path),
                        came: `a text with ${found.key} of Secret "${found.secret}" (its value is not shown)`,
                        must: "free of secrets",
                    };
            }
        }
    },
};

/** Each value of a Secret, in clear text and in base64. */
function secretValues(resource: Resource) {
    if (objectOf(resource, "core/v1:Secret") === undefined) return [];
    return [...texts(resource.props)]
        .filter(({ path: [field] }) => field === "data" || field === "stringData")
        .map(({ path: [field, key = ""], text }) => ({
            key,
            value: (field === "data" ? Buffer.from(text, "base64").toString() : text).trim(),
        }))
        .filter(({ key, value }) => !publicKeys.includes(key) && value.length >= shortest)
        .flatMap(({ key, value }) =>
            [value, Buffer.from(value).toString("base64")].map((one) => ({ secret: resource.name, key, value: one })),
        );
}

/**
 * Every text in a value with its path, except values that a preview does not know.
 *
 * Properties are read through their descriptors, because the engine's objects throw on access to an unknown value, and
 * that would end the rule.
 */
function* texts(value: unknown, path: string[] = []): Iterable<{ path: string[]; text: string }> {
    if (typeof value === "string" && value !== pulumi.runtime.unknownValue) yield { path, text: value };
    if (typeof value !== "object" || value === null) return;
    for (const [name, { value: member, enumerable }] of Object.entries(Object.getOwnPropertyDescriptors(value)))
        if (enumerable) yield* texts(member, [...path, name]);
}

/** A path as program text: `data["pg_hba.conf"]`. */
function place([first, ...rest]: string[]): string {
    const step = (name: string) =>
        /^\d+$/.test(name) ? `[${name}]` : /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `["${name}"]`;
    return [first, ...rest.map(step)].join("");
}

/** Names of variables that hold a credential, not the path of one. */
const credential = /(PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY)$/i;

/** Child processes inherit environment variables, and tools that describe the container show them. */
export const credentialsAreFiles: ResourceRule = {
    name: "credentials-are-files",
    description:
        "Containers get credentials as files that only their user can read, never as variables, because child processes inherit variables and crash reports print them.",
    level: "mandatory",
    remediation: "Mount the Secret as a volume with defaultMode 0o440 and read the file.",
    *check(resource) {
        const pod = podOf(resource);
        if (pod === undefined) return;
        for (const { path, container } of pod.containers) {
            for (const { secretRef } of container.envFrom ?? [])
                if (secretRef)
                    yield {
                        field: `${path}.envFrom`,
                        came: `Secret ${literal(secretRef.name)}`,
                        must: "free of Secrets",
                    };
            for (const variable of container.env ?? []) {
                const { name = "", valueFrom } = variable;
                const field = `${path}.env[${name}]`;
                if (valueFrom?.secretKeyRef)
                    yield { field, came: `from Secret ${literal(valueFrom.secretKeyRef.name)}`, must: "no credential" };
                // The value is not read: it may be secret, or unknown in a preview.
                if (credential.test(name) && Object.hasOwn(variable, "value"))
                    yield { field, came: "set (its value is not shown)", must: "no credential" };
            }
        }
        for (const { name = "", secret } of pod.spec.volumes ?? [])
            if (secret && ((secret.defaultMode ?? 0o644) & 0o007) !== 0)
                yield {
                    field: `${pod.path}.volumes[${name}].secret.defaultMode`,
                    came:
                        secret.defaultMode === undefined ? "not set, so 0o644" : `0o${secret.defaultMode.toString(8)}`,
                    must: "0o440, which other users cannot read",
                };
    },
};
