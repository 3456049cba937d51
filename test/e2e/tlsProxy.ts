import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createServer, type Server } from "node:https";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { output } from "./run";

/**
 * A TLS server with an API key in front of an Elasticsearch of the cluster. It listens on an address of this machine that
 * Pods can reach, and looks to them like an Elasticsearch elsewhere.
 */
export class TlsProxy {
    readonly serverName = "search.example.test";
    readonly apiKey = Buffer.from("test:key").toString("base64");
    /** Authorization headers that were refused. */
    readonly refused: string[] = [];
    private readonly directory = mkdtempSync(join(tmpdir(), "pglog-tls-"));
    private server?: Server;
    private forward?: ChildProcess;

    /** PEM certificate of the authority. */
    get ca() {
        return readFileSync(join(this.directory, "ca.pem"), "utf8");
    }

    get port() {
        return (this.server!.address() as AddressInfo).port;
    }

    /** @param credentials `user:password` of the Elasticsearch behind */
    async start(namespace: string, credentials: string) {
        await this.makeCertificates();
        const target = await this.forwardTo(namespace);
        const basic = `Basic ${Buffer.from(credentials).toString("base64")}`;
        this.server = createServer(
            { key: this.file("server.key"), cert: this.file("server.pem") },
            (incoming, response) => {
                if (incoming.headers.authorization !== `ApiKey ${this.apiKey}`) {
                    this.refused.push(incoming.headers.authorization ?? "");
                    response.writeHead(401).end('{"error":"no such API key"}');
                    return;
                }
                const headers = { ...incoming.headers, authorization: basic };
                const { method, url: path } = incoming;
                const onward = request({ host: "127.0.0.1", port: target, method, path, headers }, (answer) => {
                    response.writeHead(answer.statusCode ?? 502, answer.headers);
                    answer.pipe(response);
                });
                onward.on("error", (error) => response.writeHead(502).end(error.message));
                incoming.pipe(onward);
            },
        );
        this.server.listen(0);
        await once(this.server, "listening");
    }

    async stop() {
        this.forward?.kill();
        this.server?.closeAllConnections();
        this.server?.close();
        rmSync(this.directory, { recursive: true });
        await Promise.resolve();
    }

    private file(name: string) {
        return readFileSync(join(this.directory, name));
    }

    private async makeCertificates() {
        const openssl = (...args: string[]) => output("openssl", args);
        const path = (name: string) => join(this.directory, name);
        const key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
        await openssl(
            "req",
            "-x509",
            ...key,
            "-keyout",
            path("ca.key"),
            "-out",
            path("ca.pem"),
            "-subj",
            "/CN=test authority",
        );
        const issuer = ["-CA", path("ca.pem"), "-CAkey", path("ca.key")];
        const name = ["-subj", `/CN=${this.serverName}`, "-addext", `subjectAltName=DNS:${this.serverName}`];
        await openssl(
            "req",
            "-x509",
            ...issuer,
            ...key,
            "-keyout",
            path("server.key"),
            "-out",
            path("server.pem"),
            ...name,
        );
    }

    private async forwardTo(namespace: string) {
        this.forward = spawn("kubectl", ["--namespace", namespace, "port-forward", "service/elasticsearch", ":9200"]);
        const [line] = (await once(this.forward.stdout!, "data")) as [Buffer];
        return Number(/127\.0\.0\.1:(\d+)/.exec(line.toString())![1]);
    }
}

/** This machine's source address for connections to a given address. */
export async function ownAddressTowards(other: string) {
    const socket = createSocket("udp4");
    socket.connect(9, other);
    await once(socket, "connect");
    const { address } = socket.address();
    socket.close();
    return address;
}
