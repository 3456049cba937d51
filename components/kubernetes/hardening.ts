/**
 * Security context of every Pod. It meets the Pod Security Standard "restricted", which the namespace enforces:
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podSecurity(user: number) {
    return {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        fsGroupChangePolicy: "OnRootMismatch", // the default, Always, changes the owner of every file at each start
        seccompProfile: { type: "RuntimeDefault" },
    };
}

/** Security context of every container: it gains no privileges and writes only to its volumes. */
export const containerSecurity = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
};
