/**
 * The health check of the containers: `node healthcheck.ts` exits with 0 when `/healthz` answers 2xx. The image has no curl.
 */
try {
  const answer = await fetch(`http://127.0.0.1:${process.env.PORT}/healthz`, {
    signal: AbortSignal.timeout(3_000),
  });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
