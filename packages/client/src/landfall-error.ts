/**
 * Thrown when the service answers with an error, or with something that is no answer of Landfall (code `unexpected_answer`).
 *
 * @see RFC 9457
 */
export class LandfallError extends Error {
  override name = 'LandfallError';
  /** HTTP status. */
  readonly status: number;
  /** The code of the problem, stable over releases, for example `generation_gone`; empty when the answer is no problem. */
  readonly code: string;
  /** The body of the answer. Of `unexpected_answer`, the reason. */
  readonly problem: unknown;
  /** The time that `Retry-After` asks for, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, problem: unknown, retryAfterMs?: number) {
    const { title, detail, code }: Record<string, unknown> = Object(problem);
    super(`${status} ${detail ?? title ?? 'The service answered with an error.'}`);
    this.status = status;
    this.code = typeof code === 'string' ? code : '';
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The error for an answer that is none of Landfall: another server, a proxy, or a damaged answer. @param detail a sentence */
export const unexpectedAnswer = (status: number, detail: string): LandfallError =>
  new LandfallError(status, { code: 'unexpected_answer', detail });
