import type { types } from "@pulumi/kubernetes";
import { containerSecurity } from "./hardening";

/**
 * The container of a Job that runs a script from /scripts. Its Pod needs the volumes `scripts` and `tmp`.
 *
 * @param image with that shell
 */
export function scriptContainer(image: string, shell: "bash" | "sh", scriptName: string) {
    return {
        name: scriptName.replace(/\.sh$/, ""),
        image,
        imagePullPolicy: "IfNotPresent",
        command: [shell, `/scripts/${scriptName}`],
        securityContext: containerSecurity,
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
        volumeMounts: [
            { name: "scripts", mountPath: "/scripts", readOnly: true },
            { name: "tmp", mountPath: "/tmp" },
        ],
    } satisfies types.input.core.v1.Container;
}
