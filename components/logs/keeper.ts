import type { types } from "@pulumi/kubernetes";
import { containerSecurity } from "../kubernetes/hardening";
import { logDirectory } from "./files";
import { logVolume } from "./volume";

/** Mount path of the whole volume in the log keeper. */
const volumeDirectory = "/volume";
/** Directory with the file that tells the kubelet: this Pod holds the queue. */
const holdsDirectory = "/run/log-keeper";

/** Mount of PostgreSQL's log files, for PostgreSQL and the shipper. */
export const logsOnVolume = { name: "postgres-logs", mountPath: logDirectory, subPath: "logs" };

/**
 * The container that keeps the volume `postgres-logs` within its limits and gives the queue to one Pod at a time; see
 * components/scripts/log-keeper.sh. It comes first, because it creates the directories that the others use.
 *
 * @param image PostgreSQL's, which has a shell
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
        // It never restarts the container. A failed probe becomes an event of the Pod, so `kubectl describe` shows a loss.
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
