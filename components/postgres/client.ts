import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { scriptContainer } from "../kubernetes/scriptContainer";
import { postgresPort } from "./config";

export interface PostgresClientArgs {
    /** Image with `bash` and `psql`. */
    image: string;
    /** DNS name of a Service of the database. */
    host: pulumi.Input<string>;
    /** Name of the role. */
    user: string;
    database: string;
}

/** Path of the password in a container that mounts `passwordVolume`. */
const credentials = { name: "postgres-credentials", mountPath: "/credentials", readOnly: true };

/** A container that runs a script from /scripts and connects to PostgreSQL as the application's role. */
export function postgresClient({ image, host, user, database }: PostgresClientArgs, scriptName: string) {
    const container = scriptContainer(image, "bash", scriptName);
    return {
        ...container,
        env: [
            { name: "PGHOST", value: host },
            { name: "PGPORT", value: String(postgresPort) },
            { name: "PGUSER", value: user },
            { name: "PGDATABASE", value: database },
        ],
        volumeMounts: [...container.volumeMounts, credentials],
    } satisfies types.input.core.v1.Container;
}

/**
 * Volume with the password, for `postgresClient`.
 *
 * @param secretName of a Secret with the key `password`
 */
export function passwordVolume(secretName: pulumi.Input<string>): types.input.core.v1.Volume {
    return {
        name: credentials.name,
        secret: { secretName, items: [{ key: "password", path: "password" }], defaultMode: 0o440 },
    };
}
