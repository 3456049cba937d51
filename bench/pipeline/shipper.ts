/** The inputs of a shipper for one run. */
export interface RunPlace {
    /** Its empty directory. */
    directory: string;
    /** The directory with the log file. */
    logs: string;
    /** Address of the sink. */
    host: string;
    port: number;
    /** A free port, for a shipper's own server. */
    ownPort: number;
}

/** The command that starts a shipper, in the foreground. */
export interface Start {
    program: string;
    args: string[];
    env?: Record<string, string>;
}

/** An available program and its version. */
export interface Found {
    program: string;
    version: string;
}

/** A shipper with one configuration. */
export interface Shipper {
    /** Its name on the command line. */
    id: string;
    title: string;
    /** The state that survives its kill or restart. */
    durable: string;
    /**
     * Finds its program, or builds it.
     *
     * @param onLine called with each line of progress
     * @returns the program, or the reason why it is missing
     */
    find(onLine: (line: string) => void): Promise<Found | string>;
    /** Writes its configuration. */
    prepare(place: RunPlace, found: Found): Start;
}
