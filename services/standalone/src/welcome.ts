import type { RunReport } from '@landfall/contracts/messages/run';
import type { Query } from '@landfall/query/start';

/** What there is to tell once it runs. */
export interface Situation {
  query: Query;
  /** How many demo objects were put in; 0 when the folder was not empty. */
  seeded: number;
  report: RunReport;
  /** The folder of the source bucket. */
  sourceFolder: string;
}

/** The lines a person sees after the start. */
export function welcome({ query, seeded, report, sourceFolder }: Situation): string {
  const { address } = query;
  const users = query.manifest()?.rows ?? 0;
  const seeding = seeded > 0 ? [`Put ${seeded} demo files into ${sourceFolder}.`] : [];
  const rejected =
    report.rejected > 0 ? ` ${report.rejected} can't be used: ${address}/rejects says why.` : '';
  const outcome =
    report.status === 'succeeded'
      ? `Ingested ${report.listed} files from ${sourceFolder} in ${report.duration_ms} ms: ${users} users.${rejected}`
      : `The ingestion failed: ${report.error}. It is tried again; what was served before is served on.`;
  return [
    '',
    ...seeding,
    outcome,
    '',
    `Landfall serves at ${address}. Try:`,
    '',
    `  open  ${address}`,
    `  curl '${address}/stats'`,
    `  curl '${address}/data?is_image_exists=false&min_age=30&max_age=40'`,
    `  open  ${address}/docs`,
    '',
    'Put a file in, and a moment later it is served:',
    '',
    `  printf 'first_name, last_name, birthts\\nAda, Lovelace, -4861728000000\\n' > ${sourceFolder}/ada.csv`,
    `  curl '${address}/data/ada'`,
    '',
    'Ctrl-C ends it; the next start goes on from here.',
    '',
  ].join('\n');
}
