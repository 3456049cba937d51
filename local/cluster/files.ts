import { join } from "node:path";
import { stringify } from "yaml";
import type { Network } from "./network";

export const clusterDomain = "cluster.local";
export const nodeName = "pglog";

/** The paths of an environment's cluster. */
export function clusterPaths(directory: string) {
    const cluster = join(directory, "cluster");
    return {
        cluster,
        kubeconfig: join(directory, "kubeconfig"),
        certificates: join(cluster, "certificates"),
        etcd: join(cluster, "etcd"),
        containerd: join(cluster, "containerd"),
        kubelet: join(cluster, "kubelet"),
        volumes: join(cluster, "volumes"),
        cni: join(cluster, "cni"),
        addresses: join(cluster, "addresses"),
        /** Mounted over the machine's /var/log for the processes of the cluster. */
        varLog: join(cluster, "var-log"),
        logs: join(directory, "logs"),
    };
}
export type ClusterPaths = ReturnType<typeof clusterPaths>;

/** containerd's socket, in a /run that only the cluster's processes see. */
export const containerdSocket = "/run/containerd/containerd.sock";

/** The administrator's kubeconfig, for kubectl and the provider. */
export function kubeconfig(name: string, { node }: Network, { certificates }: ClusterPaths, token: string) {
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            {
                name,
                cluster: {
                    server: `https://${node}:6443`,
                    "certificate-authority": join(certificates, "apiserver.crt"),
                },
            },
        ],
        users: [{ name, user: { token } }],
        contexts: [{ name, context: { cluster: name, user: name } }],
        "current-context": name,
    });
}

/** The files that the cluster's programs read, by name in the cluster's directory. */
export function clusterFiles(network: Network, paths: ClusterPaths, cgroup: string, pauseImage: string, token: string) {
    return {
        "tokens.csv": `${token},admin,admin,system:masters\n`,
        "resolv.conf": "",
        "containerd.toml": containerdConfig(paths, pauseImage),
        "cni/10-pglog.conflist": networkPlugins(network, paths),
        "kubelet.yaml": kubeletConfig(network, paths, cgroup),
        Corefile: corefile(paths),
        "local-path.json": `${JSON.stringify({
            nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [paths.volumes] }],
        })}\n`,
    };
}

function containerdConfig(paths: ClusterPaths, pauseImage: string) {
    return `version = 2
root = "${paths.containerd}"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${paths.cni}"
`;
}

function networkPlugins(network: Network, paths: ClusterPaths) {
    const bridge = {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipMasq: true,
        hairpinMode: true, // a Pod may reach itself through its Service
        ipam: {
            type: "host-local",
            dataDir: paths.addresses,
            ranges: [[{ subnet: network.pods }]],
            routes: [{ dst: "0.0.0.0/0" }],
        },
    };
    const portmap = { type: "portmap", capabilities: { portMappings: true } };
    return `${JSON.stringify({ cniVersion: "0.4.0", name: "pglog", plugins: [bridge, portmap] })}\n`;
}

function kubeletConfig(network: Network, paths: ClusterPaths, cgroup: string) {
    return stringify({
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
        authorization: { mode: "AlwaysAllow" }, // its port is in the environment's own network namespace
        cgroupDriver: "cgroupfs",
        cgroupRoot: cgroup,
        failCgroupV1: false,
        failSwapOn: false,
        containerRuntimeEndpoint: `unix://${containerdSocket}`,
        clusterDNS: [network.dns],
        clusterDomain,
        resolvConf: join(paths.cluster, "resolv.conf"),
        imageGCHighThresholdPercent: 100, // a deleted image could not be pulled again
        evictionHard: { "memory.available": "100Mi" },
        syncFrequency: "10s",
    });
}

function corefile(paths: ClusterPaths) {
    return `.:53 {
  errors
  kubernetes ${clusterDomain} in-addr.arpa {
    kubeconfig ${paths.kubeconfig}
    pods insecure
  }
  cache 5
  loadbalance
}
`;
}

/** The objects that a cluster needs and its programs do not create: the DNS Service, a storage class. */
export function clusterObjects(network: Network, helperImage: string) {
    const dnsPorts = (["UDP", "TCP"] as const).map((protocol) => ({
        name: protocol.toLowerCase(),
        port: 53,
        protocol,
    }));
    const dns = { name: "kube-dns", namespace: "kube-system" };
    return {
        apiVersion: "v1",
        kind: "List",
        items: [
            { apiVersion: "v1", kind: "Service", metadata: dns, spec: { clusterIP: network.dns, ports: dnsPorts } },
            {
                apiVersion: "discovery.k8s.io/v1",
                kind: "EndpointSlice",
                metadata: { ...dns, labels: { "kubernetes.io/service-name": dns.name } },
                addressType: "IPv4",
                ports: dnsPorts,
                endpoints: [{ addresses: [network.node], conditions: { ready: true } }],
            },
            {
                apiVersion: "storage.k8s.io/v1",
                kind: "StorageClass",
                metadata: {
                    name: "standard",
                    annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
                },
                provisioner: "rancher.io/local-path",
                volumeBindingMode: "WaitForFirstConsumer",
                reclaimPolicy: "Delete",
            },
            {
                apiVersion: "v1",
                kind: "ConfigMap",
                metadata: { name: "local-path-config", namespace: "kube-system" },
                data: {
                    setup: '#!/bin/sh\nmkdir -m 0777 -p "$VOL_DIR"\n',
                    teardown: '#!/bin/sh\nrm -rf "$VOL_DIR"\n',
                    "helperPod.yaml": stringify({
                        apiVersion: "v1",
                        kind: "Pod",
                        metadata: { name: "helper-pod" },
                        spec: {
                            priorityClassName: "system-node-critical",
                            containers: [{ name: "helper-pod", image: helperImage, imagePullPolicy: "IfNotPresent" }],
                        },
                    }),
                },
            },
        ],
    };
}
