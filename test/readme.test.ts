import fs from 'node:fs';
import { rejectReasons } from '@landfall/contracts/dataset/reject';
import { USERS } from '@landfall/contracts/dataset/users';
import { IngestorSettings } from '@landfall/ingestor/config';
import { QuerySettings } from '@landfall/query/config';
import { limitSettings } from '@landfall/query/http/limits/limit-settings';
import { LIMITS } from '@landfall/query/http/limits/limits';
import { PAGE_BYTES } from '@landfall/query/serialize/serialized-chunk';
import { StandaloneSettings } from '@landfall/standalone/config';
import t from 'tap';
import type { TObject } from 'typebox';
import { tableRows } from './_markdown.ts';

const README = fs.readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const bare = (cell = ''): string => cell.replaceAll('`', '');

t.test('the README’s settings are those of the services', async (t) => {
  const rows = tableRows(README, 'Configuration');
  const columns = [StandaloneSettings, IngestorSettings, QuerySettings].map(cellsOf);
  const known = new Set(columns.flatMap((cells) => [...cells.keys()]));
  t.same(rows.map(([name]) => bare(name)).sort(), [...known].sort(), 'all are there, and no others');
  columns[0]?.set('STATE_DIR', 'state/ in DATA_DIR');
  for (const [name, ...cells] of rows) {
    const variable = bare(name);
    const expected = columns.map((column) => column.get(variable) ?? '–');
    t.same(cells.slice(0, 3).map(bare), expected, variable);
  }
});

/** What a service's column of the table has to say of each variable. */
function cellsOf(settings: TObject): Map<string, string> {
  return new Map(
    Object.entries(settings.properties).map(([name, property]) => {
      const demanded = settings.required.includes(name) ? 'required' : 'optional';
      return [name, 'default' in property ? String(property.default) : demanded];
    }),
  );
}

t.test('the README explains every reject reason', async (t) => {
  t.same(
    tableRows(README, 'Files')
      .map(([reason]) => bare(reason))
      .sort(),
    [...rejectReasons(USERS)].sort(),
  );
});

t.test('the README’s limits are those of the HTTP server', async (t) => {
  const kib = (bytes: number) => `${bytes / 1024} KiB`;
  const mib = (bytes: number) => `${bytes / 2 ** 20} MiB`;
  const seconds = (ms: number) => `${ms / 1000} s`;
  const rows = tableRows(README, 'Limits');
  t.same(
    rows.map(([, value]) => value),
    [
      kib(LIMITS.headerBytes),
      kib(LIMITS.urlLength),
      kib(LIMITS.bodyBytes),
      seconds(LIMITS.headersTimeoutMs),
      seconds(LIMITS.requestTimeoutMs),
      seconds(LIMITS.idleTimeoutMs),
      seconds(LIMITS.slowReaderMs),
      mib(LIMITS.unsentBytes),
      String(LIMITS.connections),
      String(LIMITS.connectionsPerClient),
      String(LIMITS.requestsPerConnection),
      String(LIMITS.queuedRequests),
      String(LIMITS.concurrentRequests),
      String(LIMITS.concurrentRequestsPerClient),
      String(LIMITS.streams),
      String(LIMITS.streamsPerClient),
      String(LIMITS.gzipStreams),
      mib(PAGE_BYTES),
      String(LIMITS.generationWaiters),
      String(LIMITS.generationWaitersPerClient),
      String(LIMITS.eventStreams),
      String(LIMITS.eventStreamsPerClient),
      String(LIMITS.pinnedGenerations),
      String(LIMITS.pinnedGenerationsPerClient),
      String(LIMITS.runsPerMinute),
      `${LIMITS.eventLoopDelayMs} ms`,
      seconds(LIMITS.storeTimeoutMs),
      seconds(LIMITS.loadTimeoutMs),
      seconds(LIMITS.stopGraceMs),
    ],
  );
  const named = rows.map(([, , setting]) => bare(setting)).filter((setting) => setting !== '–');
  t.same(named, Object.keys(limitSettings), 'with all settings');
});

t.test('the README starts with the two commands', async (t) => {
  const commands = [...README.matchAll(/^npx pnpm@12\.21\.0 (\w+)/gm)].map(([, script]) => script);
  t.same(commands.slice(0, 2), ['start', 'test']);
  const { scripts } = JSON.parse(fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  for (const script of ['start', 'test', 'ingestor', 'query', 'seed-data', 'check', 'format']) {
    t.ok(scripts[script], script);
  }
});

t.test('links in documents exist', async (t) => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    ...fs.globSync('docs/**/*.md', { cwd: new URL('../', import.meta.url) }),
  ];
  for (const document of documents) {
    const url = new URL(`../${document}`, import.meta.url);
    for (const [, link = ''] of fs.readFileSync(url, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      t.ok(fs.existsSync(new URL(link, url)), `${document}: ${link}`);
    }
  }
});
