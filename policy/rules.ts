import { dataKeepsItsCLibrary, imagesArePinned } from "./images";
import { loadBalancerIsNotForEveryone, loadBalancerNamesItsClients } from "./loadBalancer";
import { namesAreFixed, selectorsAreFixed } from "./names";
import { namespaceIsRestricted } from "./namespace";
import { clientsProveWhoTheyAre } from "./pgHba";
import { memoryIsBounded, oneWriterPerVolume, podsAreRestricted, podsAreSealed } from "./pods";
import { dataIsProtected } from "./protection";
import type { Rule } from "./rule";
import { credentialsAreFiles, secretsStayInSecrets } from "./secrets";
import { shipperDropsNothing } from "./shipper";

/** The rules for the objects of every stack. */
export const rules: readonly Rule[] = [
    dataIsProtected,
    dataKeepsItsCLibrary,
    oneWriterPerVolume,
    namesAreFixed,
    selectorsAreFixed,
    shipperDropsNothing,
    secretsStayInSecrets,
    credentialsAreFiles,
    clientsProveWhoTheyAre,
    loadBalancerNamesItsClients,
    loadBalancerIsNotForEveryone,
    namespaceIsRestricted,
    podsAreRestricted,
    podsAreSealed,
    imagesArePinned,
    memoryIsBounded,
];
