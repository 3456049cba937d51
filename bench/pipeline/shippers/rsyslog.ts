import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../../../local/machine/command";
import { programPath } from "../../../local/machine/requirements";
import type { Found, RunPlace, Shipper } from "../shipper";

/** Debian does not have it on the PATH of ordinary users. */
const packaged = "/usr/sbin/rsyslogd";

async function find(): Promise<Found | string> {
    const program = programPath("rsyslogd") ?? (existsSync(packaged) ? packaged : undefined);
    if (program === undefined)
        return "there is no rsyslogd. Install the Debian packages rsyslog, rsyslog-elasticsearch";
    const printed = await command(program, ["-v"]);
    const modules = ["/usr/lib/x86_64-linux-gnu/rsyslog", "/usr/lib/aarch64-linux-gnu/rsyslog", "/usr/lib64/rsyslog"];
    if (!modules.some((directory) => existsSync(join(directory, "omelasticsearch.so"))))
        return "rsyslog has no omelasticsearch. Install the Debian package rsyslog-elasticsearch";
    return { program, version: `rsyslog ${/rsyslogd\s+(\S+)/.exec(printed)?.[1] ?? "unknown"}` };
}

/**
 * It parses the line for its id, and sends it unchanged with @timestamp in front. The queue is in memory until it is
 * nearly full, then on disk too. imfile waits while the queue is full.
 */
const config = ({ directory, logs, host, port }: RunPlace) => `global(workDirectory="${directory}" maxMessageSize="64k")
module(load="imfile" mode="inotify")
module(load="mmjsonparse")
module(load="omelasticsearch")

template(name="id" type="string" string="%$!session_id%:%$!line_num%")
template(name="document" type="list") {
    constant(value="{\\"@timestamp\\":\\"")
    property(name="$!timestamp" position.from="1" position.to="10")
    constant(value="T")
    property(name="$!timestamp" position.from="12" position.to="23")
    constant(value="Z\\",")
    property(name="msg" position.from="2")
}

input(type="imfile" file="${join(logs, "*.json")}" tag="postgresql" ruleset="ship"
      persistStateInterval="1000" freshStartTail="off")

ruleset(name="ship" queue.type="LinkedList" queue.filename="ship" queue.size="20000" queue.dequeueBatchSize="2000"
        queue.maxDiskSpace="1g" queue.saveOnShutdown="on" queue.timeoutEnqueue="0" queue.workerThreads="1") {
    action(type="mmjsonparse" cookie="")
    action(type="omelasticsearch" server="${host}" serverport="${port}" searchIndex="postgresql-logs" searchType=""
           template="document" bulkmode="on" maxbytes="8m" dynbulkid="on" bulkid="id" writeoperation="create"
           retryfailures="off" action.resumeRetryCount="-1" errorFile="${join(directory, "refused")}")
}
`;

export const rsyslog: Shipper = {
    id: "rsyslog",
    title: "rsyslog: imfile, mmjsonparse, omelasticsearch",
    durable: "offsets; queue when stopped in order, or nearly full",
    find,
    prepare(place, { program }) {
        const path = join(place.directory, "rsyslog.conf");
        writeFileSync(path, config(place));
        return { program, args: ["-n", "-f", path, "-i", join(place.directory, "rsyslogd.pid")] };
    },
};
