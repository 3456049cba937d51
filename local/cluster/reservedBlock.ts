import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { environmentDirectory } from "../machine/cache";
import { clusterPaths } from "./files";
import { freeBlock, isTaken, networkOf, type Network } from "./network";

/** The file that stores which block of addresses an environment has. */
function blockFile(name: string) {
    return join(clusterPaths(environmentDirectory(name)).cluster, "block");
}

/** The blocks of all environments, running or not. */
function reservedBlocks() {
    return readdirSync(dirname(environmentDirectory("any")))
        .map(blockFile)
        .filter(existsSync)
        .map((file) => Number(readFileSync(file, "utf8")));
}

/** The addresses of an environment; undefined before its first start. */
export function reservedNetwork(name: string): Network | undefined {
    const file = blockFile(name);
    return existsSync(file) ? networkOf(Number(readFileSync(file, "utf8"))) : undefined;
}

/**
 * Reserves a block of addresses for an environment at its first start, and returns the same block at each later start:
 * the cluster's stored objects contain these addresses.
 *
 * @throws if something else on this machine uses the block by now
 */
export function reserveNetwork(name: string): Network {
    const file = blockFile(name);
    if (!existsSync(file)) writeFileSync(file, String(freeBlock(reservedBlocks())));
    const network = reservedNetwork(name)!;
    if (isTaken(network.block))
        throw new Error(
            `environment ${name} has the addresses 10.${network.block}.0.0/16, which something else on this machine uses by now. Stop that (see: ip route), or give up what the environment stored: npm stop -- --name ${name} --delete`,
        );
    return network;
}
