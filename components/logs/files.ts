/** Directory of PostgreSQL's log files, in the containers of PostgreSQL and of the shipper. */
export const logDirectory = "/var/log/postgresql";

/**
 * `log_filename` of PostgreSQL. It contains the time, so no name is used twice: a reader would continue a reused name at
 * its old position. start.sh adds the Pod's name before the extension; document.lua reads it from there.
 *
 * PostgreSQL writes plain text to this file and jsonlog to a file beside it that ends with `.json`.
 */
export const logFileName = "postgresql-%Y-%m-%d_%H%M%S.log";

/** Patterns of the files that the shipper reads, by content. */
export const logFiles = {
    jsonlog: "postgresql-*.json",
    /** Lines that PostgreSQL and its libraries write outside jsonlog. */
    plain: "postgresql-*.log",
    /** Lines of the log keeper about log files that it removed unread. */
    lost: "lost-*.log",
};
