import {
    credentials,
    Server,
    ServerCredentials,
    type sendUnaryData,
    type ServerUnaryCall,
    type ServiceError,
} from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { promisify } from "node:util";

/** A stand-in of `local/standin` in a separate process, and its messages to the engine. */
export class StandIn {
    private constructor(
        private readonly child: ChildProcess,
        private readonly engine: Server,
        /** `host:port` of its engine. */
        readonly engineAddress: string,
        private readonly address: string,
        /** Emits `message` for each message that it sends to the engine. */
        readonly messages: EventEmitter<{ message: [text: string] }>,
    ) {}

    /** @param name its file in `local/standin` */
    static async start(name: string): Promise<StandIn> {
        const messages = new EventEmitter<{ message: [text: string] }>();
        const engine = new Server();
        engine.addService(EngineService, {
            log({ request }: ServerUnaryCall<LogRequest, Empty>, done: sendUnaryData<Empty>) {
                messages.emit("message", request.getMessage());
                done(null, new Empty());
            },
        });
        const bind = promisify(engine.bindAsync.bind(engine));
        const engineAddress = `127.0.0.1:${await bind("127.0.0.1:0", ServerCredentials.createInsecure())}`;
        const child = spawn(
            process.execPath,
            [resolve("start/command.cjs"), `local/standin/${name}.ts`, engineAddress],
            { cwd: tmpdir(), stdio: ["ignore", "pipe", "inherit"] }, // the engine starts plugins in any directory
        );
        const [first] = (await Promise.race([once(child.stdout, "data"), once(child, "exit")])) as [Buffer | number];
        if (!Buffer.isBuffer(first)) {
            engine.forceShutdown();
            throw new Error(`local/standin/${name}.ts ended with status ${first} before it served`);
        }
        return new StandIn(child, engine, engineAddress, `127.0.0.1:${first.toString().trim()}`, messages);
    }

    /** A client of the stand-in. */
    client<Client>(Class: new (address: string, channel: ReturnType<typeof credentials.createInsecure>) => Client) {
        return new Class(this.address, credentials.createInsecure());
    }

    async stop() {
        const ended = once(this.child, "exit");
        this.child.kill();
        await ended;
        this.engine.forceShutdown();
    }
}

/** The answer to a call: `answer((done) => client.check(request, done))`. */
export function answer<Answer>(
    call: (done: (error: ServiceError | null, message: Answer) => void) => unknown,
): Promise<Answer> {
    return new Promise((resolve, reject) => {
        call((error, message) => {
            if (error) reject(error);
            else resolve(message);
        });
    });
}
