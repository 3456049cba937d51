import { otherImages, postgresImages } from "../../stacks/versions";
import { images } from "./environment";
import { output, run, until } from "./run";

/** Images for the tests' own Pods, the same as the stack's. */
const psqlImage = images.postgres ?? postgresImages[17];
const curlImage = images.curl ?? otherImages.curl;

/** kubectl in one namespace. */
export class Namespace {
    constructor(readonly namespace: string) {}

    kubectl(...args: string[]) {
        return output("kubectl", ["--namespace", this.namespace, ...args]);
    }

    async get<T>(...what: string[]): Promise<T> {
        return JSON.parse(await this.kubectl("get", ...what, "--output", "json")) as T;
    }

    apply(object: object) {
        return output("kubectl", ["--namespace", this.namespace, "apply", "--filename", "-"], {
            input: JSON.stringify(object),
        });
    }

    /** Runs a command in a container and returns what it printed. */
    exec(pod: string, container: string, ...command: string[]) {
        return this.kubectl("exec", pod, "--container", container, "--", ...command);
    }

    /** The administrator's psql in the database's own Pod. */
    async sql(statement: string) {
        const psql = ["psql", "--username=postgres", "--dbname=app", "--no-psqlrc", "-qAt", "-c", statement];
        return (await this.exec("deployment/postgres", "postgres", ...psql)).trim();
    }

    /** The database's only Pod, once it is ready. */
    async postgresPod() {
        const pods = await until(
            "one ready Pod of postgres",
            () => this.get<{ items: Pod[] }>("pods", "--selector", "app.kubernetes.io/name=postgres"),
            ({ items }) => items.length === 1 && items.every((pod) => isReady(pod)),
        );
        return pods.items[0]!;
    }

    async uid(...what: string[]) {
        return (await this.get<{ metadata: { uid: string } }>(...what)).metadata.uid;
    }

    /** The uids of the delivery proof's Jobs. There is one, unless an earlier run was not deleted. */
    async proof() {
        const selector = "app.kubernetes.io/name=delivery-proof";
        const jobs = await this.get<{ items: { metadata: { uid: string } }[] }>("jobs", "--selector", selector);
        return jobs.items.map(({ metadata }) => metadata.uid);
    }

    /** A Pod with clients for PostgreSQL and HTTP. */
    async startClient() {
        const container = (name: string, image: string) => ({
            name,
            image,
            imagePullPolicy: "IfNotPresent",
            command: ["sh", "-c", "sleep 86400"],
            securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
            },
            resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
        });
        await this.apply({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "client" },
            spec: {
                terminationGracePeriodSeconds: 0,
                automountServiceAccountToken: false,
                securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: "RuntimeDefault" } },
                containers: [container("psql", psqlImage), container("curl", curlImage)],
            },
        });
        await this.kubectl("wait", "pod/client", "--for=condition=Ready", "--timeout=120s");
    }

    /**
     * Runs a Pod, waits for its end, and returns its log and phase. The Pod is always deleted, because it would prevent
     * the deletion of its volumes.
     */
    async runPod(name: string, spec: object) {
        await this.apply({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec });
        try {
            const pod = await until(
                `the end of Pod ${name}`,
                () => this.get<Pod>("pod", name),
                ({ status }) => status.phase === "Succeeded" || status.phase === "Failed",
                600,
            );
            return { phase: pod.status.phase, log: await this.kubectl("logs", name) };
        } finally {
            await this.kubectl("delete", "pod", name, "--wait", "--grace-period=1");
        }
    }
}

export interface Pod {
    metadata: { name: string; uid: string };
    spec: { containers: { name: string }[]; initContainers?: { name: string }[] };
    status: {
        phase: string;
        conditions?: { type: string; status: string }[];
        containerStatuses?: { name: string; restartCount: number; state: { terminated?: { message?: string } } }[];
    };
}

const isReady = ({ status }: Pod) => status.conditions?.some((c) => c.type === "Ready" && c.status === "True") === true;

/** True if an object exists. */
export async function exists(...what: string[]) {
    return (await run("kubectl", ["get", ...what])).status === 0;
}
