/** Start and end of a field in a protobuf message. */
interface Span {
    start: number;
    end: number;
}

/** A varint and the position after it (https://protobuf.dev/programming-guides/encoding/). */
function varint(buffer: Buffer, start: number): [value: number, next: number] {
    let value = 0;
    let factor = 1;
    for (let at = start; at < buffer.length; at += 1) {
        value += (buffer[at]! & 0x7f) * factor;
        if (buffer[at]! < 0x80) return [value, at + 1];
        factor *= 128;
    }
    throw new Error("a protobuf message is cut off");
}

/** The embedded messages with a field number. */
function* messages(buffer: Buffer, { start, end }: Span, field: number): Generator<Span> {
    let at = start;
    while (at < end) {
        const [key, afterKey] = varint(buffer, at);
        const kind = key & 7;
        if (kind === 2) {
            const [length, body] = varint(buffer, afterKey);
            if (key >>> 3 === field) yield { start: body, end: body + length };
            at = body + length;
        } else if (kind === 0) at = varint(buffer, afterKey)[1];
        else if (kind === 1) at = afterKey + 8;
        else if (kind === 5) at = afterKey + 4;
        else throw new Error(`a protobuf message has a field of kind ${kind}`);
    }
    if (at > end || end > buffer.length) throw new Error("a protobuf message is cut off");
}

/**
 * The number of log records in an OTLP request: resource_logs (1) have scope_logs (2), which have log_records (2)
 * (https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto).
 */
export function countLogRecords(request: Buffer): number {
    let records = 0;
    for (const resource of messages(request, { start: 0, end: request.length }, 1))
        for (const scope of messages(request, resource, 2))
            for (const record of messages(request, scope, 2)) if (record.end > record.start) records += 1;
    return records;
}
