import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import { commonPodSpec, type PodRequirements } from "../kubernetes/podSpec";
import { checksum, scripts } from "../kubernetes/script";
import { passwordVolume, postgresClient, type PostgresClientArgs } from "./client";
import { postgresUser } from "./pod";

export const settingsCheckScript = "await-settings.sh";

/**
 * Seconds until the running server must have taken up new settings. The kubelet updates mounted files once in 60 to 90 s:
 * every `syncFrequency` (1m), and up to half of that later.
 * Source: https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
 */
export const settingsCheckTimeout = 180;

export interface SettingsCheckArgs extends PostgresClientArgs {
    /** Name of a Secret with the key `password`. */
    credentials: pulumi.Input<string>;
    /** Name of the ConfigMap with the script. */
    config: pulumi.Input<string>;
    /** The revision of the configuration that the server must report. */
    revision: string;
    requirements: PodRequirements;
    namespace: pulumi.Input<string>;
}

/** The Job that waits until the running server has taken up its settings. It runs again with each new revision. */
export function settingsCheckJob(args: SettingsCheckArgs) {
    return {
        metadata: {
            namespace: args.namespace,
            labels: labels("settings-check"),
            annotations: { "pulumi.com/replaceUnready": "true" },
        },
        spec: { backoffLimit: 0, template: template(args) },
    } satisfies types.input.batch.v1.Job;
}

function template(args: SettingsCheckArgs): types.input.core.v1.PodTemplateSpec {
    const client = postgresClient(args, settingsCheckScript);
    const environment = { REVISION: args.revision, TIMEOUT: String(settingsCheckTimeout) };
    return {
        metadata: {
            labels: labels("settings-check"),
            annotations: { "pglog/config": checksum(scripts(settingsCheckScript)) },
        },
        spec: {
            restartPolicy: "Never",
            ...commonPodSpec(postgresUser, args.requirements),
            containers: [
                {
                    ...client,
                    env: [...client.env, ...Object.entries(environment).map(([name, value]) => ({ name, value }))],
                },
            ],
            volumes: [
                {
                    name: "scripts",
                    configMap: { name: args.config, items: [{ key: settingsCheckScript, path: settingsCheckScript }] },
                },
                { name: "tmp", emptyDir: {} },
                passwordVolume(args.credentials),
            ],
        },
    };
}
