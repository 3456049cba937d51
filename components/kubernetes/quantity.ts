/** Bytes in one mebibyte. */
export const Mi = 1024 * 1024;

/** Bytes in one gibibyte. */
export const Gi = 1024 * Mi;

const units: Record<string, number> = {
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    Ki: 1024,
    Mi,
    Gi,
    Ti: 1024 * Gi,
};

/**
 * Bytes in a Kubernetes quantity of memory or storage, such as `512Mi` or `10G`; undefined if it is invalid.
 *
 * Kubernetes also allows exponents and `m`. They are refused here, because in the size of a volume they are a mistake:
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function bytesOf(quantity: string): number | undefined {
    const [, number, unit] = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(quantity) ?? [];
    return number === undefined ? undefined : Math.floor(Number(number) * units[unit ?? ""]!);
}

/** Seconds in a duration such as `30m`, `6h` or `2d`; undefined if it is invalid. */
export function secondsOf(duration: string): number | undefined {
    const [, number, unit] = /^(\d+)([mhd])$/.exec(duration) ?? [];
    return number === undefined ? undefined : Number(number) * { m: 60, h: 3600, d: 86400 }[unit as "m" | "h" | "d"];
}

/** CPUs in a Kubernetes quantity such as `2`, `0.5` or `500m`; undefined if it is invalid. */
export function cpusOf(quantity: string): number | undefined {
    const [, number, milli] = /^(\d+(?:\.\d+)?)(m)?$/.exec(quantity) ?? [];
    return number === undefined ? undefined : Number(number) / (milli ? 1000 : 1);
}

/** Bytes as a Kubernetes quantity, rounded down to whole mebibytes. */
export function mebibytes(bytes: number): string {
    return `${Math.floor(bytes / Mi)}Mi`;
}
