/**
 * How long a generation is kept after it was published, ms: in the processed bucket, since a client that has read its manifest
 * may be about to read its snapshot, and in the query service, so that it can be read to its end.
 */
export const RETENTION_MS = 15 * 60_000;
