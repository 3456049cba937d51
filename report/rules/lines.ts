/** What follows if no line arrives until somebody does something. */
export const linesStop = "No line arrives: the oldest are lost once the log volume is full.";
/** What follows if no line arrives for a while. */
export const linesWait = "Lines wait in the shipper's queue.";
