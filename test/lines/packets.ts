import type { Node } from "./node";

/** Drops packets from Pods to a port of this machine, in the local environment's network namespace. */
export async function dropPackets(node: Node, port: number) {
    const rule = ["FORWARD", "--protocol", "tcp", "--dport", String(port), "--jump", "DROP"];
    await node.run("iptables", "--wait", "--insert", ...rule);
    return {
        /** The number of dropped packets. */
        dropped: async () => {
            const rules = await node.run(
                "iptables",
                "--wait",
                "--list",
                "FORWARD",
                "--verbose",
                "--exact",
                "--numeric",
            );
            const line = rules.split("\n").find((one) => one.includes("DROP") && one.includes(`dpt:${port}`));
            return Number(line?.trim().split(/\s+/)[0] ?? 0);
        },
        end: () => node.run("iptables", "--wait", "--delete", ...rule),
    };
}
