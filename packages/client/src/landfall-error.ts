/** Thrown when the service answers with an error. @see RFC 9457 */
export class LandfallError extends Error {
  override name = 'LandfallError';
  /** HTTP status. */
  readonly status: number;
  /** The code of the problem, stable over releases, for example `generation_gone`; empty when the answer is no problem. */
  readonly code: string;
  /** The body of the answer. */
  readonly problem: unknown;

  constructor(status: number, problem: unknown) {
    const { title, detail, code }: Record<string, unknown> = Object(problem);
    super(`${status} ${detail ?? title ?? 'The service answered with an error.'}`);
    this.status = status;
    this.code = typeof code === 'string' ? code : '';
    this.problem = problem;
  }
}
