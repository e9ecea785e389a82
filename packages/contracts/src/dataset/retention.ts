/**
 * A generation stays readable for at least this long, ms. The ingestor keeps its snapshots that long, for readers that have
 * just read the manifest; the query service keeps its rows that long, for clients that page through them.
 */
export const MIN_GENERATION_AGE_MS = 15 * 60_000;
