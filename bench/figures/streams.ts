import { type BenchServers, FORMATS } from '../query/bench-servers.ts';
import { openClient } from '../query/client.ts';
import type { Server } from '../query/server.ts';
import type { Claim, Figure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';

/** Target of a stream as a multiple of streaming a file. */
const TIMES = 3;
/** Ms. */
const FIRST_BYTE_MS = 20;
const MAX_LOOP_DELAY_MS = 20;
/** Target of the memory that concurrent streams add, MB. */
const AT_ONCE = 8;
const MORE_MB = 100;

/** Measures all rows as one answer, alternating with a file of the same bytes. */
export async function* streamFigures(
  { landfall, bare, manifest }: BenchServers,
  rounds: number,
): AsyncIterable<Figure> {
  const users = manifest.rows.toLocaleString('en');
  for (const format of FORMATS) {
    const [ours, theirs, first, held]: [number[], number[], number[], number[]] = [[], [], [], []];
    let bytes = 0;
    for (let round = 0; round < rounds; round++) {
      theirs.push((await stream(bare, `/${format}`, 1)).ms);
      const {
        ms,
        firstByteMs,
        serverLoad,
        bytes: came,
      } = await stream(landfall, `/data?format=${format}`, 1);
      bytes = came;
      ours.push(ms);
      first.push(firstByteMs);
      held.push(serverLoad.maxLoopDelayMs);
    }
    yield {
      title: `All ${users} rows as ${format}, ${Math.round(bytes / 1e6)} MB`,
      claims: [
        { of: `${TIMES} times a constant file`, share: median(ours) / median(theirs) / TIMES, atMost: 1 },
        within(`${FIRST_BYTE_MS} ms, first byte`, median(first) / FIRST_BYTE_MS),
        within(`${MAX_LOOP_DELAY_MS} ms, event-loop delay`, median(held) / MAX_LOOP_DELAY_MS),
      ],
      lines: [`ours  ${times(ours)}`, `bare  ${times(theirs)}`],
    };
  }
  const { ms, serverLoad } = await stream(landfall, '/data', AT_ONCE);
  const alone = await stream(bare, '/json', AT_ONCE);
  yield {
    title: `${AT_ONCE} clients at once, each all users as json`,
    claims: [
      within(`${MORE_MB} MB, memory they add`, (serverLoad.peakMb - serverLoad.startMb) / MORE_MB),
      within(`${MAX_LOOP_DELAY_MS} ms, event-loop delay`, serverLoad.maxLoopDelayMs / MAX_LOOP_DELAY_MS),
    ],
    lines: [
      `ours  ${times([ms])}, ${Math.round(serverLoad.startMb)} MB before, ${Math.round(serverLoad.peakMb)} MB peak`,
      `bare  ${times([alone.ms])}`,
    ],
  };
}

const within = (of: string, share: number): Claim => ({ of, share, atMost: 1 });
const times = (ms: number[]): string =>
  `${(median(ms) / 1_000).toFixed(2)} s (${ms.map((each) => (each / 1_000).toFixed(2)).join(', ')})`;

async function stream(server: Server, path: string, clients: number) {
  const client = openClient(server.address);
  await server.serverLoad();
  const start = performance.now();
  const answers = await Promise.all(Array.from({ length: clients }, () => client.ask(path)));
  const ms = performance.now() - start;
  const serverLoad = await server.serverLoad();
  await client.close();
  const [{ firstByteMs, bytes } = { firstByteMs: Number.NaN, bytes: 0 }] = answers;
  return { ms, firstByteMs, bytes, serverLoad };
}
