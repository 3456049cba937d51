/**
 * The security settings that every Pod of the program shares, so that each runs in a namespace of the Pod Security
 * Standard "restricted": https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podSecurity(user: number) {
    return {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        fsGroupChangePolicy: "OnRootMismatch", // the default, Always, walks the whole volume at each start
        seccompProfile: { type: "RuntimeDefault" },
    };
}

/** The same for every container: it can gain no right and write nowhere but to its volumes. */
export const containerSecurity = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
};
