import { loadConfig } from "./stacks/config";
import { logDatabase } from "./stacks/logDatabase";

export const { namespace, dnsName, services, connectionUri, logs } = logDatabase(loadConfig());
