/**
 * Another ingestor leads: the manifest was replaced by somebody else, so that a conditional put was refused, or the
 * lease names another holder. The run that gets it stops, writes nothing more, and is not tried again.
 */
export class LeadershipLostError extends Error {
  override name = 'LeadershipLostError';
}
