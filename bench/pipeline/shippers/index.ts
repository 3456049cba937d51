import type { Shipper } from "../shipper";
import { classic } from "./classic";
import { collector } from "./collector";
import { pglog, pglogGzip } from "./pglog";
import { pglog010 } from "./pglog010";
import { plain } from "./plain";
import { rsyslog } from "./rsyslog";

/** The reference shipper. */
export const reference = pglog010;

/** All shippers, in the order of the table. */
export const shippers: readonly Shipper[] = [reference, pglog, pglogGzip, plain, classic, rsyslog, collector];
