import { existsSync } from "node:fs";
import { secretKeyNames, type KeyName } from "../stacks/keys";
import type { Config } from "./engine/evaluate";
import { digest } from "./engine/monitor";
import { asText, defaults, isEncrypted, stackConfig } from "./stackFile";

/** The text that replaces a secret: equal for equal ciphertexts. */
const placeholder = (name: string, value: unknown) => `placeholder-for-${name}-${digest(value)}`;

/**
 * Reads the configuration of a stack, with a placeholder for each secret.
 *
 * @param file of the stack, such as Pulumi.dev.yaml
 * @throws if the file does not exist, or a key is encrypted whose value decides what the stack contains
 */
export function readStackConfig(file: string): Required<Config> {
    if (!existsSync(file))
        throw new Error(`there is no ${file} here; run this in the project's directory, for one of its stacks`);
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
                `${name} is encrypted in ${file}, but the stack's resources depend on its value; it is not a secret, so store it in clear text. Run: pulumi config set ${key} <value> --plaintext --config-file ${file}`,
            );
        values[name] = placeholder(key, value.secure);
        secretKeys.push(name);
    }
    return { values, secretKeys };
}

/** Adds a placeholder for each secret that is not in the file. */
export function withSecrets({ values, secretKeys }: Required<Config>, missing: readonly KeyName[]): Config {
    const added = missing.map((name) => [`pglog:${name}`, placeholder(name, "not set")] as const);
    return {
        values: { ...values, ...Object.fromEntries(added) },
        secretKeys: [...secretKeys, ...added.map(([n]) => n)],
    };
}
