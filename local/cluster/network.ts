import { readFileSync, readdirSync } from "node:fs";

/**
 * The addresses of one local environment: the link between this machine and the node, the Services, the Pods. Each
 * environment has its own block, 10.N.0.0/16, so several can run at the same time.
 */
export interface Network {
    /** N. It is also part of the link's name. */
    block: number;
    /** Name of this machine's end of the link. */
    link: string;
    /** This machine's address on the link. */
    host: string;
    /** The node's address, which the API server and NodePorts use. */
    node: string;
    services: string;
    dns: string;
    pods: string;
}

export const firstBlock = 200;
export const lastBlock = 249;

export function networkOf(block: number): Network {
    return {
        block,
        link: `pglog${block}`,
        host: `10.${block}.0.1`,
        node: `10.${block}.0.2`,
        services: `10.${block}.96.0/20`,
        dns: `10.${block}.96.10`,
        pods: `10.${block}.244.0/24`,
    };
}

/** The IPv4 networks that this machine has routes to, from /proc/net/route. */
export function routedNetworks(table = readFileSync("/proc/net/route", "utf8")): { address: number; mask: number }[] {
    return table
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.split(/\s+/))
        .map(([, destination = "", , , , , , mask = ""]) => ({
            address: littleEndian(destination),
            mask: littleEndian(mask),
        }));
}

/** The kernel prints addresses in its own byte order. */
function littleEndian(hexadecimal: string) {
    return Buffer.from(hexadecimal, "hex").readUInt32LE();
}

/** True if this machine has a route or a link into a block. */
export function isTaken(block: number, routes = routedNetworks(), links = readdirSync("/sys/class/net")) {
    const address = ((10 << 24) | (block << 16)) >>> 0;
    const within = 0xffff0000;
    const routed = routes.some(
        // The default route matches every address and reserves none.
        (route) => route.mask !== 0 && ((route.address ^ address) & route.mask & within) >>> 0 === 0,
    );
    return routed || links.includes(networkOf(block).link);
}

/**
 * The first free block: this machine has no route or link into it.
 *
 * @param reserved blocks of environments that do not run now
 * @throws if no block is free
 */
export function freeBlock(reserved: number[] = [], routes = routedNetworks(), links?: string[]): number {
    for (let block = firstBlock; block <= lastBlock; block++)
        if (!reserved.includes(block) && !isTaken(block, routes, links)) return block;
    throw new Error(
        `no block of addresses is free: each of 10.${firstBlock}.0.0/16 to 10.${lastBlock}.0.0/16 has a route into it, or belongs to an environment. ` +
            "Delete one that is not needed: npm stop -- --name <name> --delete",
    );
}
