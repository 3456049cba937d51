import { installedFluentBit } from "../../../local/build/fluentBit";
import type { Found } from "../shipper";

/** The Fluent Bit of this machine, in any version. The table shows the version. */
export async function findFluentBit(): Promise<Found | string> {
    const found = await installedFluentBit();
    return typeof found === "string" ? found : { ...found, version: `Fluent Bit ${found.version}` };
}
