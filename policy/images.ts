import { mountsClaim, podOf } from "./kubernetes";
import { literal, type ResourceRule } from "./rule";

export const imagesArePinned: ResourceRule = {
    name: "images-are-pinned",
    description:
        "Every image has a tag other than latest or a digest, because otherwise a restart could be an upgrade that no preview shows.",
    level: "mandatory",
    remediation: "Name the version, such as postgres:17.11-bookworm, or the digest.",
    *check(resource) {
        for (const { path, container } of podOf(resource)?.containers ?? []) {
            const { image = "" } = container;
            const withoutPort = image.replace(/^[^/]+:\d+\//, "");
            if (!/^[^:@]+(:(?!latest$)[\w.-]+|(:[\w.-]+)?@sha256:[0-9a-f]{64})$/.test(withoutPort))
                yield {
                    field: `${path}.image`,
                    came: literal(image),
                    must: "an image with a tag other than latest, or a digest",
                };
        }
    },
};

/** https://wiki.postgresql.org/wiki/Locale_data_changes */
export const dataKeepsItsCLibrary: ResourceRule = {
    name: "data-keeps-its-c-library",
    description:
        "Containers on the database's volume use a Debian image, never Alpine, because a different C library sorts text differently and silently breaks existing indexes.",
    level: "mandatory",
    remediation: "Use the Debian image of the same version, such as postgres:17.11-bookworm.",
    *check(resource) {
        const pod = podOf(resource);
        for (const { path, container } of pod?.containers ?? [])
            if (container.image?.includes("alpine") && mountsClaim(pod!, container, "postgres-data"))
                yield { field: `${path}.image`, came: literal(container.image), must: "a Debian image" };
    },
};
