import { Agent } from 'undici';

/** Timing of one answer. */
export interface Answered {
  ms: number;
  firstByteMs: number;
  bytes: number;
}

/** A keep-alive client that records only size and time of answers. */
export function openClient(address: string) {
  const agent = new Agent({ connections: 16, bodyTimeout: 120_000 });

  async function ask(path: string): Promise<Answered & { etag: string; link: string }> {
    const start = performance.now();
    const { statusCode, headers, body } = await agent.request({ origin: address, path, method: 'GET' });
    let [bytes, firstByteMs] = [0, Number.NaN];
    for await (const chunk of body) {
      if (bytes === 0) firstByteMs = performance.now() - start;
      bytes += chunk.length;
    }
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`);
    const { etag, link } = headers;
    return {
      ms: performance.now() - start,
      firstByteMs,
      bytes,
      etag: String(etag ?? ''),
      link: String(link ?? ''),
    };
  }

  return {
    ask,
    /** Returns the answer; sends a POST when there is a body. */
    async read(path: string, posted?: string): Promise<Buffer> {
      const method = posted === undefined ? 'GET' : 'POST';
      const { body } = await agent.request({ origin: address, path, method, body: posted ?? null });
      return Buffer.from(await body.arrayBuffer());
    },
    close: () => agent.close(),
  };
}
