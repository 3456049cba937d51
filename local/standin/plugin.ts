import {
    Server,
    ServerCredentials,
    status,
    type Metadata,
    type sendUnaryData,
    type ServerUnaryCall,
    type ServiceDefinition,
    type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";

/** An object of the engine as plain data. */
export type Properties = Record<string, unknown>;

/** An error that sends the engine more than its text. */
export class StatusError extends Error {
    readonly code = status.UNKNOWN;

    constructor(
        readonly details: string,
        readonly metadata: Metadata,
    ) {
        super(details);
    }
}

/** Turns a function from request to answer into a handler. An exception becomes the error of the call. */
export function unary<Request, Answer>(answer: (request: Request) => Answer | Promise<Answer>) {
    return ({ request }: ServerUnaryCall<Request, Answer>, done: sendUnaryData<Answer>) => {
        Promise.resolve()
            .then(() => answer(request))
            .then(
                (message) => {
                    done(null, message);
                },
                (error: unknown) => {
                    if (error instanceof StatusError) done(error);
                    else done({ code: status.UNKNOWN, details: (error as Error).message });
                },
            );
    };
}

/** Serves as the engine expects of a plugin: on a free port, which is the first line of output. */
export function serve(service: ServiceDefinition, handlers: UntypedServiceImplementation) {
    const server = new Server({ "grpc.max_receive_message_length": 256 * 1024 * 1024 });
    server.addService(service, handlers);
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) throw error;
        process.stdout.write(`${port}\n`);
    });
    process.on("SIGINT", () => {
        server.forceShutdown();
    });
}

export function fromStruct(struct: Struct | undefined): Properties {
    return struct?.toJavaScript() ?? {};
}

/** Undefined values are left out, as in JSON. */
export function toStruct(properties: object): Struct {
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}
