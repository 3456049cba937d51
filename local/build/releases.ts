/** A checksum of a file, published by its publisher or by a Linux distribution. */
export interface Checksum {
    algorithm: "sha256" | "sha512";
    /** In lower-case hexadecimal digits. */
    hex: string;
}

/** An official release: an archive with programs for Linux on x86-64. */
export interface Release {
    /** The name on the page. */
    name: string;
    /** The version that its programs report. */
    version: string;
    /** Address of the archive, a gzip-compressed tar file. */
    url: string;
    checksum: Checksum;
    /** Directory in the archive with the programs. */
    directory: string;
    /** The programs to take. If one is missing, the release is refused. */
    programs: string[];
}

export type Releases = Record<"kubernetes" | "coredns" | "pulumi", Release>;

/**
 * The releases that are used if they can be downloaded. To move to a newer one, change version, address and checksum
 * together. Copy the checksum from where it was published; never compute it from a download.
 *
 * Fluent Bit 5.1.1 for Debian 12 is not here, because no published checksum was found. Pulumi's own installer handles the
 * providers.
 */
export const officialReleases: Releases = {
    kubernetes: {
        name: "Kubernetes",
        version: "v1.35.4",
        url: "https://dl.k8s.io/v1.35.4/kubernetes-server-linux-amd64.tar.gz",
        // https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.35.md#server-binaries
        checksum: {
            algorithm: "sha512",
            hex: "7454c2d9023de3230972e965e1e2a587a291e2a1abee703bb0737057e1646b23ebac538b93dd778e93579e3c293dc1fa8d002e6848ad5ebc01598bc47358fe44",
        },
        directory: "kubernetes/server/bin",
        programs: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"],
    },
    coredns: {
        name: "CoreDNS",
        version: "v1.14.4",
        url: "https://github.com/coredns/coredns/releases/download/v1.14.4/coredns_1.14.4_linux_amd64.tgz",
        // https://aur.archlinux.org/packages/coredns-bin, its PKGBUILD of 1.14.4
        checksum: {
            algorithm: "sha256",
            hex: "5b0e6a6a8b97bdcaec65baa70e83ca88ce03ab852355c656e3f7953405cfe36e",
        },
        directory: ".",
        programs: ["coredns"],
    },
    pulumi: {
        name: "Pulumi engine",
        version: "v3.259.0",
        url: "https://github.com/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-linux-x64.tar.gz",
        // https://github.com/pulumi/homebrew-tap/blob/master/Formula/pulumi.rb, at version 3.259.0
        checksum: {
            algorithm: "sha256",
            hex: "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
        },
        directory: "pulumi",
        programs: ["pulumi", "pulumi-language-nodejs"],
    },
};
