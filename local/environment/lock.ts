import { connect, createServer } from "node:net";
import { environmentDirectory, fingerprint } from "../machine/cache";

/**
 * Runs something that starts, changes or stops an environment, while no other process does the same.
 *
 * The lock is a Unix socket with an abstract name (https://man7.org/linux/man-pages/man7/unix.7.html). The kernel gives a
 * name to one process only and frees it when that process ends, even in a crash. A process that connects to the socket
 * reads the number of the lock's owner.
 *
 * @param name of the environment
 * @throws if a different process has the lock, with its number; nothing was run then
 */
export async function alone<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    const socket = `\0pglog-${fingerprint(environmentDirectory(name))}`;
    const lock = createServer((client) => client.on("error", () => undefined).end(String(process.pid)));
    const taken = await new Promise<boolean>((resolve, reject) => {
        lock.once("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EADDRINUSE") resolve(true);
            else reject(error);
        });
        lock.listen(socket, () => {
            resolve(false);
        });
    });
    if (taken)
        throw new Error(
            `environment ${name} is being started or stopped by process ${await ownerOf(socket)}, and nothing was done here. Wait for it to end, or stop it, and run this again`,
        );
    try {
        return await run();
    } finally {
        lock.close();
    }
}

/** The process number that the lock's owner reports. */
function ownerOf(socket: string) {
    return new Promise<string>((resolve) => {
        let said = "";
        const client = connect(socket, () => undefined);
        const end = () => {
            client.destroy();
            resolve(said === "" ? "(its number is not known)" : said);
        };
        client.setTimeout(5000, end);
        client.on("data", (chunk: Buffer) => {
            said += chunk.toString();
        });
        client.on("end", end).on("error", end);
    });
}
