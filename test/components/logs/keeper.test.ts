import assert from "node:assert/strict";
import { shipperPaths } from "../../../components/shipper/fluentBit";
import { containerSecurity } from "../../../components/kubernetes/hardening";
import { logKeeper, logsOnVolume } from "../../../components/logs/keeper";
import { Gi, Mi } from "../../../components/kubernetes/quantity";
import { script } from "../../../components/kubernetes/script";

const image = "postgres:17.11-bookworm";
const command = ["bash", "/scripts/log-keeper.sh"];
const environmentOf = (size: number) =>
    Object.fromEntries(
        (logKeeper(image, size).env as { name: string; value: string }[]).map((one) => [one.name, one.value]),
    );

describe("logKeeper", () => {
    it("is a complete container", () => {
        assert.deepEqual(logKeeper(image, Gi), {
            name: "log-keeper",
            image,
            imagePullPolicy: "IfNotPresent",
            restartPolicy: "Always",
            command,
            env: [
                { name: "VOLUME", value: "/volume" },
                { name: "LIMIT", value: String(640 * Mi) },
                { name: "FREE", value: String(64 * Mi) },
            ],
            securityContext: containerSecurity,
            resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
            startupProbe: {
                exec: { command: ["test", "-e", "/run/log-keeper/holds"] },
                periodSeconds: 1,
                failureThreshold: 300,
            },
            livenessProbe: {
                exec: { command: [...command, "check"] },
                periodSeconds: 30,
                timeoutSeconds: 10,
                failureThreshold: 1_000_000,
            },
            volumeMounts: [
                { name: "scripts", mountPath: "/scripts", readOnly: true },
                { name: "log-keeper", mountPath: "/run/log-keeper" },
                { name: "postgres-logs", mountPath: "/volume" },
            ],
        });
    });

    const sizes: [number, string, string][] = [
        [64 * Mi, "41943040", "4194304"],
        [64 * Mi + 1, "41943040", "4194304"],
        [1024 * Gi, "687194767360", "68719476736"],
    ];
    for (const [size, limit, free] of sizes)
        it(`passes the limits of ${size} bytes to the script as whole numbers`, () => {
            assert.deepEqual(environmentOf(size), { VOLUME: "/volume", LIMIT: limit, FREE: free });
        });

    it("has the variables and mount paths that the script uses", () => {
        const text = script("log-keeper.sh");
        // bash itself sets HOSTNAME and SECONDS.
        const asked = [...text.matchAll(/(?<![\w$])\$\{?([A-Z]+)\b|\(\(.*?\b(LIMIT|FREE)\b/g)].map(
            ([, name, bound]) => name ?? bound!,
        );
        assert.deepEqual([...new Set(asked)].toSorted(), ["FREE", "HOSTNAME", "LIMIT", "SECONDS", "VOLUME"]);
        const { startupProbe, volumeMounts } = logKeeper(image, Gi) as {
            startupProbe: { exec: { command: string[] } };
            volumeMounts: { mountPath: string }[];
        };
        const holds = startupProbe.exec.command.at(-1)!;
        assert.ok(text.includes(`touch ${holds}\n`), "the probe checks for a file that the script creates");
        assert.ok(volumeMounts.some(({ mountPath }) => holds.startsWith(`${mountPath}/`)));
    });

    it("mounts the whole volume; the other containers mount the log directory in it, under the same path", () => {
        assert.deepEqual(logsOnVolume, { name: "postgres-logs", mountPath: "/var/log/postgresql", subPath: "logs" });
        assert.equal(shipperPaths.volume, "/fluent-bit/queue");
    });
});
