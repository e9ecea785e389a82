/**
 * Asks the service of this container for its health: `node healthcheck.ts` ends with 0 when it answers as it
 * should. The image has nothing else to ask with.
 */
try {
  const answer = await fetch(`http://127.0.0.1:${process.env.PORT}/healthz`, {
    signal: AbortSignal.timeout(3_000),
  });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
