import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { start, temporary } from '../services/standalone/test/_process.ts';
import { EXAMPLES, examplesPython, pythonIsMissing } from './_examples.ts';

const run = promisify(execFile);
const env = { PATH: process.env.PATH, PYTHONUTF8: '1' };

t.test('the examples of programs over HTTP run against a started Landfall', async (t) => {
  const folders = { users: temporary(t), invoices: temporary(t) };
  const users = start(t, { DATA_DIR: folders.users });
  const invoices = start(t, { DATA_DIR: folders.invoices, DATASET_FILE: 'datasets/invoices.json' });

  await t.test('the tour with curl', async (t) => {
    const { stdout } = await run('sh', [path.join(EXAMPLES, 'tour.sh'), await users.address()], { env });
    const [, csv, pages, unchanged, stats, typo, report, changes, events] = stdout
      .split(/^# .+\n/m)
      .map((text) => text.trim());
    t.match(csv, /^user_id,first_name,last_name,birthts,img_path\n(?:.+\n){2}.+$/);
    t.match(pages, /^200, \d{3,} bytes$/);
    t.equal(unchanged, '304');
    t.match(JSON.parse(stats ?? ''), { count: Number, average_age: Number, median_age: Number });
    t.match(JSON.parse(typo ?? ''), { status: 400, code: 'bad_parameter', parameters: ['min_agee'] });
    t.equal(report, 'succeeded');
    t.match(changes, /^\d+$/);
    t.match(events, /^id: .+\nevent: dataset\ndata: \{"generation":/m);
  });

  const readWithPandas = async (address: string, folder: string) => {
    const args = [path.join(EXAMPLES, 'read_with_pandas.py'), address, path.join(folder, 'processed-data')];
    return (await run(examplesPython ?? '', args, { env })).stdout;
  };

  await t.test('pandas', { skip: pythonIsMissing() ?? false }, async (t) => {
    const people = await readWithPandas(await users.address(), folders.users);
    t.match(people, /^generation 1\n/);
    t.match(people, /^birthts +Int64$/m);
    t.match(people, /^120 rows$/m);
    t.match(people, /^the same rows: True$/m);
    t.match(people, /^born from \d{4} to \d{4}$/m);
    const documents = await readWithPandas(await invoices.address(), folders.invoices);
    t.match(documents, /^issued +datetime64/m);
    t.match(documents, /^total +Float64$/m);
    t.match(documents, /^paid +boolean$/m);
    t.match(documents, /^the same rows: True$/m);
  });
});
