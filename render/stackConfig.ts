import { existsSync } from "node:fs";
import { secretKeyNames, type KeyName } from "../stacks/keys";
import type { Config } from "./engine/evaluate";
import { digest } from "./engine/monitor";
import { asText, defaults, isEncrypted, stackConfig } from "./stackFile";

/** Stands for a secret: the same text for the same ciphertext. */
const placeholder = (name: string, value: unknown) => `placeholder-for-${name}-${digest(value)}`;

/**
 * The configuration that a program sees in a stack, with a placeholder for each secret.
 *
 * @param file of the stack, such as Pulumi.dev.yaml
 * @throws where there is no such file, or a secret is in a place where only its value could tell what the stack is
 */
export function readStackConfig(file: string): Required<Config> {
    if (!existsSync(file)) throw new Error(`there is no ${file} here; run this in the project, for one of its stacks`);
    const values = defaults();
    const secretKeys: string[] = [];
    for (const [name, value] of Object.entries(stackConfig(file))) {
        if (!isEncrypted(value)) {
            values[name] = asText(value);
            continue;
        }
        const key = name.replace(/^pglog:/, "");
        if (name.startsWith("pglog:") && !secretKeyNames.includes(key as KeyName))
            throw new Error(
                `${name} is encrypted in ${file}, and what the stack is depends on its value; it is no secret, so store it in clear text. Run: pulumi config set ${key} <value> --plaintext --config-file ${file}`,
            );
        values[name] = placeholder(key, value.secure);
        secretKeys.push(name);
    }
    return { values, secretKeys };
}

/** The same with a placeholder for secrets that are not in the file, because everyone sets their own. */
export function withSecrets({ values, secretKeys }: Required<Config>, missing: readonly KeyName[]): Config {
    const added = missing.map((name) => [`pglog:${name}`, placeholder(name, "not set")] as const);
    return {
        values: { ...values, ...Object.fromEntries(added) },
        secretKeys: [...secretKeys, ...added.map(([n]) => n)],
    };
}
