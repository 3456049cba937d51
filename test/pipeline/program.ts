import { renderFluentBit } from "../../components/shipper/fluentBit";
import { renderLua } from "../../components/logs/document";
import { logVolume } from "../../components/logs/volume";
import { Mi } from "../../components/kubernetes/quantity";
import { logFileName } from "../../components/logs/files";

/** The files and settings of the Pod, from the program. */
export const program = {
    /** Sizes of log volumes in bytes: one that holds the tests' outages, and one that does not. */
    roomy: 384 * Mi,
    small: 64 * Mi,
    files: (port: number, volumeSize: number): Record<string, string> => ({
        "fluent-bit.yaml": renderFluentBit({
            logLevel: "info",
            volumeSize,
            inCluster: true,
            scheme: "http",
            host: "127.0.0.1",
            port,
            serverName: "127.0.0.1",
            ownCa: false,
            auth: "none",
            target: "index",
            index: "postgresql-logs-test",
        }),
        "document.lua": renderLua(),
    }),
    /** The name, without extension, of the file that PostgreSQL starts at a given minute (as in logging.conf). */
    file: (minute: number, pod: string) => {
        const time = new Date(Date.UTC(2026, 0, 31, 0, minute)).toISOString();
        const parts: Record<string, string> = {
            Y: time.slice(0, 4),
            m: time.slice(5, 7),
            d: time.slice(8, 10),
            H: time.slice(11, 13),
            M: time.slice(14, 16),
            S: time.slice(17, 19),
        };
        // start.sh appends the Pod's name.
        return logFileName.replace(/%(.)/g, (_, letter: string) => parts[letter]!).replace(/\.log$/, `-${pod}`);
    },
    keeper: (volumeSize: number) => {
        const { limit, free } = logVolume(volumeSize);
        return { LIMIT: String(limit), FREE: String(free) };
    },
};
