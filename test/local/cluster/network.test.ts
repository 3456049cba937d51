import assert from "node:assert/strict";
import { firstBlock, freeBlock, lastBlock, networkOf, routedNetworks } from "../../../local/cluster/network";

/** A table of routes as the kernel prints it. */
function table(...routes: [destination: string, mask: string][]) {
    const hexadecimal = (address: string) =>
        Buffer.from(address.split(".").map(Number).reverse()).toString("hex").toUpperCase();
    const row = ([destination, mask]: [string, string]) =>
        `eth0\t${hexadecimal(destination)}\t00000000\t0001\t0\t0\t0\t${hexadecimal(mask)}\t0\t0\t0`;
    return [
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
        ...routes.map(row),
        "",
    ].join("\n");
}

describe("the addresses of a local environment", () => {
    it("all belong to its own block", () => {
        assert.deepEqual(networkOf(203), {
            block: 203,
            link: "pglog203",
            host: "10.203.0.1",
            node: "10.203.0.2",
            services: "10.203.96.0/20",
            dns: "10.203.96.10",
            pods: "10.203.244.0/24",
        });
    });

    it("belong to the first block, whatever the default route", () => {
        assert.equal(
            freeBlock([], routedNetworks(table(["0.0.0.0", "0.0.0.0"], ["192.0.2.0", "255.255.255.0"])), ["eth0"]),
            firstBlock,
        );
    });

    for (const [what, route] of [
        ["a route to the block", ["10.200.0.0", "255.255.0.0"]],
        ["a route to a part of it", ["10.200.7.0", "255.255.255.0"]],
        ["a route to one address of it", ["10.200.0.2", "255.255.255.255"]],
    ] satisfies [string, [string, string]][])
        it(`belong to the next block if there is ${what}`, () => {
            assert.equal(freeBlock([], routedNetworks(table(route)), []), firstBlock + 1);
        });

    it("belong to the next block if a link has the first one's name", () => {
        assert.equal(freeBlock([], [], [`pglog${firstBlock}`]), firstBlock + 1);
    });

    it("never belong to the block of an environment that does not run", () => {
        assert.equal(freeBlock([firstBlock, firstBlock + 2], [], [networkOf(firstBlock + 1).link]), firstBlock + 3);
    });

    it("are refused if every block is taken", () => {
        assert.throws(() => freeBlock([], routedNetworks(table(["10.0.0.0", "255.0.0.0"])), []), {
            message: `no block of addresses is free: each of 10.${firstBlock}.0.0/16 to 10.${lastBlock}.0.0/16 has a route into it, or belongs to an environment. Delete one that is not needed: npm stop -- --name <name> --delete`,
        });
    });
});
