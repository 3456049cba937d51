/** What a shipper is given for one run. */
export interface RunPlace {
    /** A directory of its own, empty. */
    directory: string;
    /** The directory with the log file. */
    logs: string;
    /** Where the sink listens. */
    host: string;
    port: number;
    /** A free port, for a shipper's own server. */
    ownPort: number;
}

/** How a shipper is started. Its process must not put itself into the background. */
export interface Start {
    program: string;
    args: string[];
    env?: Record<string, string>;
}

/** A program that is on this machine, and its version. */
export interface Found {
    program: string;
    version: string;
}

/** A shipper with one configuration. */
export interface Shipper {
    /** Its name on the command line. */
    id: string;
    title: string;
    /** What outlives its kill or restart. */
    durable: string;
    /**
     * Looks for its program, or makes it.
     *
     * @param onLine called with each line of progress
     * @returns the program, or why there is none
     */
    find(onLine: (line: string) => void): Promise<Found | string>;
    /** Writes its configuration. */
    prepare(place: RunPlace, found: Found): Start;
}
