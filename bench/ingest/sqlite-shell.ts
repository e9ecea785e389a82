import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The served table and its indexes, without versions. */
const TABLE = `CREATE TABLE users (
  user_id TEXT PRIMARY KEY, first_name TEXT, last_name TEXT, birthts INTEGER, img_path TEXT
) WITHOUT ROWID;`;
const INDEXES = ['first_name', 'last_name', 'birthts', 'img_path']
  .map((column) => `CREATE INDEX users_by_${column} ON users (${column});`)
  .join('\n');

/** Ceiling of loading: sqlite3's `.import` of output.csv, then the same indexes. */
export async function bareImport(output: string, database: string): Promise<{ code: 0 }> {
  const shell = spawn('sqlite3', ['-bail', database], { stdio: ['pipe', 'ignore', 'inherit'] });
  shell.stdin.end(`PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
${TABLE}
.import --csv --skip 1 ${JSON.stringify(output)} users
${INDEXES}
`);
  const [code] = await once(shell, 'exit');
  if (code !== 0) throw new Error(`sqlite3 ended with ${code}`);
  return { code };
}
