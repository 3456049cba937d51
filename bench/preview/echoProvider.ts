import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { named, type KubernetesObject, type NamedObject } from "../../local/standin/kubernetesDiff";
import { fromStruct, serve, toStruct, unary } from "../../local/standin/plugin";

/**
 * A Kubernetes provider without a cluster: everything that it creates exists at once, as it was asked for. It makes the
 * state of a stack that a benchmark then previews with the real provider. Only creation is supported.
 */

function check(request: pb.CheckRequest): pb.CheckResponse {
    const object = fromStruct(request.getNews()) as KubernetesObject;
    const response = new pb.CheckResponse();
    response.setInputs(toStruct(named(object, undefined, request.getName(), request.getRandomseed_asU8())));
    return response;
}

function create(request: pb.CreateRequest): pb.CreateResponse {
    const inputs = fromStruct(request.getProperties()) as NamedObject & { spec?: { type?: string; ports?: object[] } };
    const ports = inputs.spec?.ports?.map((port) => ({ nodePort: 31234, ...port }));
    const balancer = { status: { loadBalancer: { ingress: [{ ip: "203.0.113.10" }] } } };
    const response = new pb.CreateResponse();
    response.setId(`${inputs.metadata.namespace ?? ""}/${inputs.metadata.name}`);
    response.setProperties(
        toStruct(inputs.kind === "Service" ? { ...inputs, spec: { ...inputs.spec, ports }, ...balancer } : inputs),
    );
    return response;
}

function accept(request: pb.CheckRequest) {
    const response = new pb.CheckResponse();
    response.setInputs(request.getNews());
    return response;
}

serve(ResourceProviderService, {
    attach: unary(() => new Empty()),
    handshake: unary(() => new pb.ProviderHandshakeResponse()),
    getPluginInfo: unary(() => new PluginInfo()),
    checkConfig: unary(accept),
    diffConfig: unary(() => new pb.DiffResponse()),
    configure: unary(() => new pb.ConfigureResponse()),
    check: unary(check),
    create: unary(create),
    cancel: unary(() => new Empty()),
});
