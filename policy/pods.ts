import { objectOf, podOf, mountsClaim } from "./kubernetes";
import { literal, type Finding, type ResourceRule } from "./rule";

/** Volume sources that the standard allows; none of them exposes the node. */
const volumeSources = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
export const podsAreRestricted: ResourceRule = {
    name: "pods-are-restricted",
    description:
        "Pods meet the Pod Security Standard restricted (no root, no privileges, no access to the node), because the namespace refuses any other Pod after the old one is gone.",
    level: "mandatory",
    remediation:
        "Use podSecurity() and containerSecurity of components/kubernetes/hardening.ts, and only volumes of the namespace.",
    *check(resource) {
        const pod = podOf(resource);
        if (pod === undefined) return;
        const { path, spec, containers } = pod;
        for (const field of ["hostNetwork", "hostPID", "hostIPC"] as const)
            if (spec[field]) yield { field: `${path}.${field}`, came: literal(spec[field]), must: "not set" };
        for (const { name = "", ...volume } of spec.volumes ?? [])
            for (const source of Object.keys(volume))
                if (!volumeSources.includes(source))
                    yield {
                        field: `${path}.volumes[${name}]`,
                        came: source,
                        must: `one of ${volumeSources.join(", ")}`,
                    };
        const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext ?? {};
        const shared = `${path}.securityContext`;
        if (runAsNonRoot !== true) yield { field: `${shared}.runAsNonRoot`, came: literal(runAsNonRoot), must: "true" };
        if (runAsUser === 0) yield { field: `${shared}.runAsUser`, came: "0", must: "a user other than root" };
        if (seccompProfile?.type !== "RuntimeDefault")
            yield {
                field: `${shared}.seccompProfile.type`,
                came: literal(seccompProfile?.type),
                must: `"RuntimeDefault"`,
            };
        for (const { path: at, container } of containers) {
            const { securityContext = {}, ports = [] } = container;
            const { privileged, allowPrivilegeEscalation, capabilities } = securityContext;
            const own = `${at}.securityContext`;
            if (privileged) yield { field: `${own}.privileged`, came: "true", must: "not set" };
            if (allowPrivilegeEscalation !== false)
                yield {
                    field: `${own}.allowPrivilegeEscalation`,
                    came: literal(allowPrivilegeEscalation),
                    must: "false",
                };
            if (!capabilities?.drop?.includes("ALL"))
                yield { field: `${own}.capabilities.drop`, came: literal(capabilities?.drop), must: `["ALL"]` };
            if (capabilities?.add?.length)
                yield { field: `${own}.capabilities.add`, came: literal(capabilities.add), must: "not set" };
            // A container inherits the Pod's settings unless it overrides them.
            if (securityContext.runAsNonRoot === false)
                yield { field: `${own}.runAsNonRoot`, came: "false", must: "not set, as the Pod's is true" };
            if (securityContext.runAsUser === 0)
                yield { field: `${own}.runAsUser`, came: "0", must: "a user other than root" };
            const seccomp = securityContext.seccompProfile?.type;
            if (seccomp !== undefined && seccomp !== "RuntimeDefault")
                yield { field: `${own}.seccompProfile.type`, came: literal(seccomp), must: `"RuntimeDefault"` };
            for (const { hostPort } of ports)
                if (hostPort) yield { field: `${at}.ports.hostPort`, came: literal(hostPort), must: "not set" };
        }
    },
};

export const podsAreSealed: ResourceRule = {
    name: "pods-are-sealed",
    description:
        "Beyond that standard, containers write only to their volumes, do not see each other's processes and have no Kubernetes token, because none of them needs more.",
    level: "mandatory",
    remediation:
        "Set automountServiceAccountToken: false on the Pod and containerSecurity of components/kubernetes/hardening.ts on each container, and mount an emptyDir for paths that a program writes.",
    *check(resource) {
        const pod = podOf(resource);
        if (pod === undefined) return;
        const { automountServiceAccountToken, shareProcessNamespace, volumes = [] } = pod.spec;
        const flag = (field: string, value: unknown, must: string): Finding => ({ field, came: literal(value), must });
        if (automountServiceAccountToken !== false)
            yield flag(`${pod.path}.automountServiceAccountToken`, automountServiceAccountToken, "false");
        if (shareProcessNamespace) yield flag(`${pod.path}.shareProcessNamespace`, shareProcessNamespace, "not set");
        for (const { name = "", projected } of volumes)
            if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken))
                yield { field: `${pod.path}.volumes[${name}]`, came: "a service account token", must: "none" };
        for (const { path, container } of pod.containers) {
            const readOnly = container.securityContext?.readOnlyRootFilesystem;
            if (readOnly !== true) yield flag(`${path}.securityContext.readOnlyRootFilesystem`, readOnly, "true");
        }
    },
};

export const memoryIsBounded: ResourceRule = {
    name: "memory-is-bounded",
    description:
        "Every container has a memory request and limit, equal for the database, because a full node first ends containers that use more than they requested.",
    level: "mandatory",
    remediation: "Set resources.requests.memory and resources.limits.memory; no limit on CPU is needed.",
    *check(resource) {
        const pod = podOf(resource);
        for (const { path, container } of pod?.containers ?? []) {
            const request = container.resources?.requests?.memory;
            const limit = container.resources?.limits?.memory;
            const field = (which: string) => `${path}.resources.${which}.memory`;
            if (request === undefined)
                yield { field: field("requests"), came: "not set", must: "the memory that it uses" };
            if (limit === undefined)
                yield { field: field("limits"), came: "not set", must: "the most memory that it may use" };
            if (
                request !== undefined &&
                limit !== undefined &&
                request !== limit &&
                mountsClaim(pod!, container, "postgres-data")
            )
                yield { field: field("limits"), came: literal(limit), must: `the request, ${literal(request)}` };
        }
    },
};

export const oneWriterPerVolume: ResourceRule = {
    name: "one-writer-per-volume",
    description:
        "A claim is used by one Pod, which ends before its successor starts, because two servers on one volume destroy the data.",
    level: "mandatory",
    remediation: `Keep replicas: 1 and strategy: { type: "Recreate" }; a second database needs its own claim.`,
    *check(resource) {
        const claims =
            podOf(resource)?.spec.volumes?.filter(({ persistentVolumeClaim }) => persistentVolumeClaim) ?? [];
        if (claims.length === 0) return;
        const { spec } = resource.props as { spec?: { replicas?: number } };
        if ((spec?.replicas ?? 1) > 1) yield { field: "spec.replicas", came: literal(spec?.replicas), must: "1" };
        const deployment = objectOf(resource, "apps/v1:Deployment");
        const strategy = deployment?.spec?.strategy?.type;
        if (deployment && strategy !== "Recreate")
            yield {
                field: "spec.strategy.type",
                came: strategy === undefined ? "not set, so RollingUpdate" : literal(strategy),
                must: `"Recreate"`,
            };
    },
};
