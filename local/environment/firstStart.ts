/** Minutes that a first start takes on two cores. docs/local.md has the measurement; a test compares the two. */
export const firstStartMinutes = 7;

/**
 * The first lines of a start that has to build or download programs or images.
 *
 * @param missing what the cache lacks, and how each thing is made
 */
export function renderFirstStart(missing: string[], cache: string): string {
    return [
        `A first start takes about ${firstStartMinutes} minutes on two cores, and later starts take seconds.`,
        `These are missing in ${cache}, and are built or downloaded now:`,
        ...missing.map((one) => `  ${one}`),
    ].join("\n");
}
