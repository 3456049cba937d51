import {
    CoreV1Api,
    KubeConfig,
    makeInformer,
    PatchStrategy,
    setHeaderOptions,
    V1Service,
} from "@kubernetes/client-node";

/**
 * Gives the node's address to every Service of type LoadBalancer, as small clusters do. kube-proxy then accepts the
 * connections.
 *
 * Arguments: the kubeconfig's path, the node's address.
 */
const [kubeconfig = "", address = ""] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const api = config.makeApiClient(CoreV1Api);

async function give({ metadata, spec, status }: V1Service) {
    if (spec?.type !== "LoadBalancer" || status?.loadBalancer?.ingress?.length) return;
    const name = metadata?.name;
    const namespace = metadata?.namespace;
    if (name === undefined || namespace === undefined) return;
    const body = Object.assign(new V1Service(), { status: { loadBalancer: { ingress: [{ ip: address }] } } });
    await api.patchNamespacedServiceStatus(
        { name, namespace, body },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    console.log(`${namespace}/${name}: ${address}`);
}

const informer = makeInformer(config, "/api/v1/services", () => api.listServiceForAllNamespaces());
const handle = (service: V1Service) => {
    give(service).catch((error: unknown) => {
        console.error(error);
    });
};
informer.on("add", handle);
informer.on("update", handle);
informer.on("error", (error: unknown) => {
    console.error(error);
    setTimeout(() => void informer.start(), 1000);
});
void informer.start();
