import { BlockList, isIP } from "node:net";
import { objectOf } from "./kubernetes";
import { literal, type Resource, type ResourceRule } from "./rule";

export const loadBalancerNamesItsClients: ResourceRule = {
    name: "load-balancer-names-its-clients",
    description:
        "A load balancer has source ranges, because without them it exposes the database to the whole Internet.",
    level: "mandatory",
    remediation: "Run: pulumi config set --path 'loadBalancerSourceRanges[0]' 203.0.113.0/24",
    *check(resource) {
        const ranges = sourceRanges(resource);
        if (ranges?.length === 0)
            yield { field: "spec.loadBalancerSourceRanges", came: "empty", must: "the networks that may connect" };
    },
};

/** Advisory, because `0.0.0.0/0` in the configuration is an explicit decision. */
export const loadBalancerIsNotForEveryone: ResourceRule = {
    name: "load-balancer-is-not-for-everyone",
    description:
        "The source ranges of a load balancer together cover less than half of the Internet, because anyone who can connect can try passwords.",
    level: "advisory",
    remediation: "Name the networks of the clients in loadBalancerSourceRanges.",
    *check(resource) {
        const ranges = sourceRanges(resource) ?? [];
        for (const family of [4, 6] as const)
            if (share(ranges, family) >= 0.5)
                yield {
                    field: "spec.loadBalancerSourceRanges",
                    came: literal(ranges),
                    must: `less than half of all addresses of IPv${family}`,
                };
    },
};

/** The source ranges of a load balancer; undefined for other resources. */
function sourceRanges(resource: Resource): string[] | undefined {
    const spec = objectOf(resource, "core/v1:Service")?.spec;
    return spec?.type === "LoadBalancer" ? (spec.loadBalancerSourceRanges ?? []) : undefined;
}

/** Prefix length that all public addresses of a family share: 2000::/3 is all of public IPv6. */
const common = { 4: 0, 6: 3 };

/**
 * The share of a family's public addresses that the ranges cover together.
 *
 * It does not use cidr-tools: that package is an ES module, and ts-node, with which the engine loads this pack, can load
 * ES modules only from Node 22.12 on.
 */
function share(ranges: string[], family: 4 | 6): number {
    const parsed = ranges
        .map((range) => range.split("/"))
        .map(([address = "", prefix]) => ({ address, prefix: Number(prefix) }))
        .filter(
            ({ address, prefix }) => isIP(address) === family && prefix >= 0 && prefix <= (family === 4 ? 32 : 128),
        );
    // Two ranges are either disjoint, or one contains the other and the inner one adds nothing.
    const outermost = parsed.filter((one, i) => !parsed.some((other, j) => j !== i && contains(other, one, j < i)));
    return outermost.reduce((sum, { prefix }) => sum + 2 ** (common[family] - prefix), 0);
}

interface Range {
    address: string;
    prefix: number;
}

/** @param orEqual true if equal ranges contain each other */
function contains(outer: Range, inner: Range, orEqual: boolean): boolean {
    if (outer.prefix > inner.prefix || (outer.prefix === inner.prefix && !orEqual)) return false;
    const type = isIP(outer.address) === 6 ? "ipv6" : "ipv4";
    const list = new BlockList();
    list.addSubnet(outer.address, outer.prefix, type);
    return list.check(inner.address, type);
}
