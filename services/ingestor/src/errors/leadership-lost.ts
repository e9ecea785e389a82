/**
 * Another ingestor leads: it replaced the manifest, so that a conditional put was refused, or the lease names it. The run
 * ends, writes nothing more and is not retried.
 */
export class LeadershipLostError extends Error {
  override name = 'LeadershipLostError';
}
