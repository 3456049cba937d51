import type { Change } from "../change";
import { effect } from "../effect";
import { configMapRules } from "./configMaps";
import { passwordRules, secretRules } from "./credentials";
import { claimRules, namespaceRules } from "./data";
import { deploymentRules } from "./deployments";
import { jobRules } from "./jobs";
import { monitoringRules } from "./monitoring";
import type { ObjectRules } from "./rule";
import { endpointRules, serviceRules } from "./services";

/** The rules for each kind of resource that the program creates. */
export const kinds: Record<string, (change: Change) => ObjectRules> = {
    "kubernetes:core/v1:Namespace": () => namespaceRules,
    "kubernetes:core/v1:PersistentVolumeClaim": claimRules,
    "kubernetes:core/v1:Secret": secretRules,
    "kubernetes:core/v1:ConfigMap": configMapRules,
    "kubernetes:core/v1:Service": serviceRules,
    "kubernetes:discovery.k8s.io/v1:EndpointSlice": () => endpointRules,
    "kubernetes:apps/v1:Deployment": deploymentRules,
    "kubernetes:batch/v1:Job": jobRules,
    "kubernetes:monitoring.coreos.com/v1:PodMonitor": () => monitoringRules,
    "kubernetes:monitoring.coreos.com/v1:PrometheusRule": () => monitoringRules,
    "random:index/randomPassword:RandomPassword": passwordRules,
};

const unknown = (says: string) => () => [effect("unknown", says)];
/** The rules for every other kind. */
export const anyKind: ObjectRules = {
    create: unknown("There is no rule for this kind of object: check it."),
    delete: unknown("An object of a kind without a rule is deleted: check what it holds."),
    replace: unknown("An object of a kind without a rule is replaced: check what it holds."),
    fields: [],
};
