import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import type { RunReport } from '@landfall/contracts/messages/run';
import type { Query } from '@landfall/query/start';

/** Input of the welcome text. */
export interface WelcomeInput {
  query: Query;
  definition: Definition;
  /** Number of added demo objects; 0 when the folder was not empty. */
  seeded: number;
  report: RunReport;
  /** The folder of the source bucket. */
  sourceFolder: string;
}

/** Returns the text that is printed after the start. */
export function welcome({ query, definition, seeded, report, sourceFolder }: WelcomeInput): string {
  const { address } = query;
  const rows = `${query.manifest()?.rows ?? 0} ${definition.name}`;
  const seeding = seeded > 0 ? [`Added ${seeded} demo files to ${sourceFolder}.`] : [];
  const rejected = report.rejected > 0 ? ` ${report.rejected} rejected, see ${address}/rejects.` : '';
  const outcome =
    report.status === 'succeeded'
      ? `Ingested ${report.listed} files from ${sourceFolder} in ${report.duration_ms} ms: ${rows}.${rejected}`
      : `The ingestion failed: ${report.error}. It will be retried. Data that was published before is served.`;
  const red = (report.conditions ?? []).filter(({ level }) => level === 'red');
  const attention = report.status === 'succeeded' ? red.map(({ detail }) => `Attention: ${detail}.`) : [];
  return [
    '',
    ...seeding,
    outcome,
    ...attention,
    '',
    `Landfall serves at ${address}. Try:`,
    '',
    `  open  ${address}`,
    `  curl '${address}/stats'`,
    `  curl '${address}/data?${definition.name === USERS.name ? USERS_QUERY : 'limit=10'}'`,
    `  open  ${address}/docs`,
    '',
    ...howToAdd(definition, sourceFolder, address),
    '',
    'Stop with Ctrl-C. The next start continues from here.',
    '',
  ].join('\n');
}

const USERS_QUERY = 'is_image_exists=false&min_age=30&max_age=40';

/** How to add a record. */
function howToAdd(definition: Definition, folder: string, address: string): string[] {
  if (definition.name !== USERS.name) {
    return [`Add a file ${definition.records} to ${folder}. It is served about a second later.`];
  }
  return [
    'Add a file. It is served about a second later:',
    '',
    `  printf 'first_name, last_name, birthts\\nAda, Lovelace, -4861728000000\\n' > ${folder}/ada.csv`,
    `  curl '${address}/data/ada'`,
  ];
}
