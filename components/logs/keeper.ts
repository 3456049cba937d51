import type { types } from "@pulumi/kubernetes";
import { containerSecurity } from "../kubernetes/hardening";
import { logVolume } from "./volume";
import { logDirectory } from "../postgres/config";

/** Where the log keeper has the whole volume. */
const volumeDirectory = "/volume";
/** A directory of its own, which tells the kubelet that this Pod holds the queue. */
const holdsDirectory = "/run/log-keeper";

/** PostgreSQL's log files on the volume, as its container and the shipper see them. */
export const logsOnVolume = { name: "postgres-logs", mountPath: logDirectory, subPath: "logs" };

/**
 * The sidecar that keeps the volume `postgres-logs` within its bounds, and lets only one Pod at a time have the queue: see
 * components/scripts/log-keeper.sh. It is the first container, so that the directories are there for the others.
 *
 * @param image PostgreSQL's, for its shell
 * @param volumeSize in bytes
 */
export function logKeeper(image: string, volumeSize: number): types.input.core.v1.Container {
    const { limit, free } = logVolume(volumeSize);
    const command = ["bash", "/scripts/log-keeper.sh"];
    return {
        name: "log-keeper",
        image,
        imagePullPolicy: "IfNotPresent",
        restartPolicy: "Always",
        command,
        env: Object.entries({ VOLUME: volumeDirectory, LIMIT: limit, FREE: free }).map(([name, value]) => ({
            name,
            value: String(value),
        })),
        securityContext: containerSecurity,
        resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
        // Later containers wait until this one holds the lock; 300 s covers the old Pod's shutdown.
        startupProbe: {
            exec: { command: ["test", "-e", `${holdsDirectory}/holds`] },
            periodSeconds: 1,
            failureThreshold: 300,
        },
        // Restarts nothing: a failed probe's words become an event of the Pod, so `kubectl describe` tells of a loss.
        livenessProbe: {
            exec: { command: [...command, "check"] },
            periodSeconds: 30,
            timeoutSeconds: 10,
            failureThreshold: 1_000_000,
        },
        volumeMounts: [
            { name: "scripts", mountPath: "/scripts", readOnly: true },
            { name: "log-keeper", mountPath: holdsDirectory },
            { name: "postgres-logs", mountPath: volumeDirectory },
        ],
    };
}
