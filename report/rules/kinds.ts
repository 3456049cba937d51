import type { Change } from "../change";
import { effect } from "../effect";
import { configMapRules } from "./configMaps";
import { passwordRules, secretRules } from "./credentials";
import { claimRules, namespaceRules } from "./data";
import { deploymentRules } from "./deployments";
import { jobRules } from "./jobs";
import type { ObjectRules } from "./rule";
import { endpointRules, serviceRules } from "./services";

/** The kinds of resources that the program makes, and what their changes mean. */
export const kinds: Record<string, (change: Change) => ObjectRules> = {
    "kubernetes:core/v1:Namespace": () => namespaceRules,
    "kubernetes:core/v1:PersistentVolumeClaim": claimRules,
    "kubernetes:core/v1:Secret": secretRules,
    "kubernetes:core/v1:ConfigMap": configMapRules,
    "kubernetes:core/v1:Service": serviceRules,
    "kubernetes:discovery.k8s.io/v1:EndpointSlice": () => endpointRules,
    "kubernetes:apps/v1:Deployment": deploymentRules,
    "kubernetes:batch/v1:Job": jobRules,
    "random:index/randomPassword:RandomPassword": passwordRules,
};

const look = (says: string) => () => [effect("unknown", says)];
/** A kind that the program did not have when these rules were written. */
export const anyKind: ObjectRules = {
    create: look("A kind of object that is not known here: look."),
    delete: look("A kind of object that is not known here goes: look what was in it."),
    replace: look("A kind of object that is not known here is made anew: look what was in it."),
    fields: [],
};
