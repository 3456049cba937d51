/** A checksum of a file, as its publisher or a distribution of Linux has published it. */
export interface Checksum {
    algorithm: "sha256" | "sha512";
    /** In lower-case hexadecimal digits. */
    hex: string;
}

/** An official release: an archive with programs for Linux on x86-64. */
export interface Release {
    /** What it is of, as the page calls it. */
    name: string;
    /** Version that its programs say they are of. */
    version: string;
    /** Address of the archive, a tar file that is compressed with gzip. */
    url: string;
    checksum: Checksum;
    /** Directory in the archive that has the programs. */
    directory: string;
    /** The programs to take. A release without one of them is an error. */
    programs: string[];
}

export type Releases = Record<"kubernetes" | "coredns" | "pulumi", Release>;

/**
 * The releases that are taken where they can be downloaded. To move to a newer one, change version, address and checksum
 * together. A checksum is copied from where it was published, never computed from a download.
 *
 * Not here, because no published checksum was found: Fluent Bit 5.1.1 for Debian 12. Pulumi's own installer takes the
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
        // https://github.com/pulumi/homebrew-tap/blob/master/Formula/pulumi.rb, as it was for 3.259.0
        checksum: {
            algorithm: "sha256",
            hex: "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
        },
        directory: "pulumi",
        programs: ["pulumi", "pulumi-language-nodejs"],
    },
};
